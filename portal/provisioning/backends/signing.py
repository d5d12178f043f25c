"""HTTP message signatures with a shared key: RFC 9421, algorithm hmac-sha256, and RFC 9530.

Law: the method, the URL, the body and the idempotency key are signed, and the moment, so that
whoever sees a request can neither change it nor send it again later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

LABEL: Final = "vestibule"
_HEADERS: Final = ("content-digest", "content-type", "idempotency-key")


def signed(  # noqa: PLR0913 - what a signature covers is what it takes
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, key: bytes, key_id: str,
    created: int,
) -> dict[str, str]:  # fmt: skip
    """The headers that sign a request: `created` in seconds since 1970, `headers` in any case."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    known = {name.lower(): value for name, value in headers.items()}
    known["content-digest"] = f"sha-256=:{digest}:"
    components = [
        ("@method", method),
        ("@target-uri", url),
        *((name, known[name]) for name in _HEADERS),
    ]
    names = " ".join(f'"{name}"' for name, _ in components)
    parameters = f'({names});created={created};keyid="{key_id}";alg="hmac-sha256"'
    return {
        "Content-Digest": known["content-digest"],
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}=:{mac(base(components, parameters), key)}:",
    }


def base(components: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """The signature base (RFC 9421 2.5)."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def mac(text: bytes, key: bytes) -> str:
    """HMAC-SHA256 in base64 (RFC 9421 3.3.3)."""
    return base64.b64encode(hmac.digest(key, text, "sha256")).decode()
