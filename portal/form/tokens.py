"""Form tokens without cookies: who posts a form has been given it by us, here and lately.

Law: values in, values out. A token is a quarter of an hour by its number and a MAC of that and of
the client's address, under a key made at start (BLAKE2, RFC 7693, keyed). A page of another origin
cannot read one, and one read elsewhere is of no use here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

# The name of the hidden box.
FIELD: Final = "token"
KEY_BYTES: Final = 32

_QUARTER: Final = 900.0
# A form may lie open for between two hours and a quarter of an hour more.
_QUARTERS: Final = 9
_MAC_BYTES: Final = 12
_TOKEN: Final = re.compile(r"([0-9a-f]{1,8})\.([0-9a-f]{24})")


class Tokens:
    """Makes tokens and tells which are fresh; `now` is monotonic, in seconds."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, client: str, now: float) -> str:
        """A token for the client at this address."""
        quarter = int(now // _QUARTER)
        return f"{quarter:x}.{self._mac(client, quarter)}"

    def is_fresh(self, token: str, client: str, now: float) -> bool:
        """Whether this client was given the token, not long ago."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return False
        quarter = int(match[1], 16)
        is_recent = 0 <= int(now // _QUARTER) - quarter < _QUARTERS
        return is_recent and hmac.compare_digest(match[2], self._mac(client, quarter))

    def _mac(self, client: str, quarter: int) -> str:
        text = f"{quarter:x} {client}".encode()
        return hashlib.blake2s(text, key=self._key, digest_size=_MAC_BYTES).hexdigest()
