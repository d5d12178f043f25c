"""PINs: six digits and more, kept as scrypt leaves them (RFC 7914).

Law: the same time for a PIN that is right, one that is wrong, and a name that nobody has. Values
in, values out: the salt is an argument.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

FEWEST: Final = 6
MOST: Final = 32
SALT_BYTES: Final = 16

# 16 MiB and 31 ms on a 3 GHz x86-64 core, measured; a Pi 4's core is a third as fast and a Zero
# 2 W's a seventh, so about 0.1 and 0.2 s there (by that ratio, not measured). Twice the memory
# would be a sixteenth of a Zero's, for a guess that the delay after five tries makes rare anyway.
_LOG_N: Final = 14
_R: Final = 8
_P: Final = 1
_MEMORY: Final = 64 * 1024 * 1024
_HASH_BYTES: Final = 32
_KEPT: Final = re.compile(r"scrypt\$(\d{1,2})\$(\d{1,2})\$(\d)\$([0-9a-f]{32})\$([0-9a-f]{64})")

_UP: Final = "01234567890123456789"


class Weak(Exception):  # noqa: N818 - named for what the PIN is
    """A PIN that will not do; the text says why."""


def checked(pin: str) -> str:
    """The PIN without blanks around it. Raises `Weak`."""
    pin = pin.strip()
    if not (pin.isascii() and pin.isdigit()) or not FEWEST <= len(pin) <= MOST:
        raise Weak(f"A PIN has {FEWEST} to {MOST} digits.")
    if len(set(pin)) == 1 or pin in _UP or pin in _UP[::-1]:
        raise Weak("That PIN is the first that anybody would try. Please choose another one.")
    return pin


def kept(pin: str, salt: bytes) -> str:
    """What is kept of a PIN: from it nobody reads the PIN, only tries."""
    made = _scrypt(pin, salt, _LOG_N, _R, _P)
    return f"scrypt${_LOG_N}${_R}${_P}${salt.hex()}${made.hex()}"


def is_kept(text: str) -> bool:
    """Whether `text` is what `kept` gives, of this release or another."""
    return _KEPT.fullmatch(text) is not None


# Of no PIN: what is compared with where nobody has the name.
NOBODY: Final = f"scrypt${_LOG_N}${_R}${_P}${'00' * SALT_BYTES}${'00' * _HASH_BYTES}"


def matches(pin: str, known: str) -> bool:
    """Whether `pin` is the one of which `known` is kept."""
    match = _KEPT.fullmatch(known)
    if match is None:
        return False
    log_n, r, p = int(match[1]), int(match[2]), int(match[3])
    made = _scrypt(pin[:MOST], bytes.fromhex(match[4]), log_n, r, p)
    return hmac.compare_digest(made, bytes.fromhex(match[5]))


def _scrypt(pin: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        pin.encode(), salt=salt, n=1 << log_n, r=r, p=p, maxmem=_MEMORY, dklen=_HASH_BYTES
    )
