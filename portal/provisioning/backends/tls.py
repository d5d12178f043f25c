"""How a backend's server proves itself, and we to it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from portal.provisioning.backend import Misconfigured
from portal.provisioning.backends import credentials


def context(options: Mapping[str, Any]) -> ssl.SSLContext | None:
    """A context of the options `tls`, `ca`, `certificate`, `key`; None without TLS.

    The system's authorities are trusted, or those of `ca` alone. Raises `Misconfigured`.
    """
    if not options.get("tls", True):
        return None
    ca = options.get("ca")
    try:
        made = ssl.create_default_context(cafile=ca)
        if "certificate" in options:
            made.load_cert_chain(
                credentials.path(options["certificate"]),
                credentials.checked(options["key"]),
                password="",  # or OpenSSL asks at a terminal
            )
    except ssl.SSLError as error:
        raise Misconfigured(f"ca, certificate or key: {error.reason or 'unreadable'}") from None
    except OSError as error:
        raise Misconfigured(f"ca, certificate or key: {error.strerror}") from None
    return made


def trouble(error: ssl.SSLError) -> str:
    """What is wrong with a handshake, for an operator."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    return f"TLS failed: {error.reason or 'no reason given'}"
