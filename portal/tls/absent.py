"""Stands for the standard library's `ssl` where no TLS is spoken: names, and no OpenSSL.

gunicorn and the servers of Werkzeug and the standard library import `ssl` whatever they are
asked to do, and hashlib prefers OpenSSL to what it brings itself. The portal's TLS ends in
another process (portal.tls). Without OpenSSL it takes 4.8 MiB less, of 36; 3.0 where hostapd
has its pages in memory anyway.
"""

from __future__ import annotations

import sys
from typing import Final

# What those modules name while they are loaded, or in an `except`. Nothing here can be called: who
# wants TLS after all meets an AttributeError.
CERT_NONE: Final = 0
PROTOCOL_SSLv23: Final = 2
PROTOCOL_TLS: Final = 2
SSL_ERROR_EOF: Final = 8


class SSLError(OSError):
    """Never raised."""


class SSLEOFError(SSLError):
    """Never raised."""


class SSLWantReadError(SSLError):
    """Never raised."""


def stand_in() -> None:
    """Take the place of `ssl`, and OpenSSL's of hashlib's, unless they are loaded already."""
    sys.modules.setdefault("ssl", sys.modules[__name__])
    # None makes an import fail (docs.python.org, sys.modules); hashlib then takes its own.
    sys.modules.setdefault("_hashlib", None)  # type: ignore[arg-type]  # typeshed knows no None
