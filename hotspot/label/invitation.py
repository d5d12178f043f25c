"""How a person gets onto the access point: its name, its key, and the QR code that holds both.

The randomness is an argument: a function that gives so many bytes, `os.urandom` in a process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hotspot.config.values import NotAllowed, Secret, Security

if TYPE_CHECKING:
    from collections.abc import Callable

    RandomBytes = Callable[[int], bytes]

# 32 symbols each, 5 bits, so that no choice is likelier than another. The key is typed on phones:
# lower case, which needs no shift, without l and o beside digits without 1 and 0. The suffix is
# read aloud and off labels: capitals, without I and O.
KEY_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
SUFFIX_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_BITS: Final = 5
_KEY_SYMBOLS: Final = 16
_GROUP: Final = 4
_SUFFIX_SYMBOLS: Final = 4


def new_passphrase(random_bytes: RandomBytes) -> Secret:
    """A key of 16 symbols in four groups, 80 bits: `k7fq-2m9x-…`, 19 characters."""
    symbols = _symbols(KEY_ALPHABET, _KEY_SYMBOLS, random_bytes)
    groups = (symbols[at : at + _GROUP] for at in range(0, _KEY_SYMBOLS, _GROUP))
    return Secret("-".join(groups))


def new_suffix(random_bytes: RandomBytes) -> str:
    """Four symbols that tell this device from its neighbours: `7KQ2`, one of a million."""
    return _symbols(SUFFIX_ALPHABET, _SUFFIX_SYMBOLS, random_bytes)


def default_ssid(suffix: str) -> bytes:
    """The network name of a device whose settings give none."""
    return f"Vestibule-{suffix}".encode("ascii")


def qr_text(ssid: bytes, passphrase: Secret | None, security: Security) -> Secret:
    """What the joining QR code says: `WIFI:T:WPA;S:…;P:…;;`, the form every phone's camera reads.

    T is WPA for WPA3 too: phones find out the rest on the air, and older ones know no other
    word. Backslash, semicolon, comma, colon and double quote are escaped (zxing's wiki, "Barcode
    Contents").

    An SSID that is not UTF-8 raises `NotAllowed`: a QR code carries text, every reader guesses
    another encoding for other bytes, and the phone would look for a network that is not there.
    Such a network is joined from the phone's own list.
    """
    try:
        name = ssid.decode()
    except UnicodeDecodeError:
        raise NotAllowed("an SSID in UTF-8: no QR code can hold another") from None
    if security is Security.OPEN:
        return Secret(f"WIFI:T:nopass;S:{_escaped(name)};;")
    if passphrase is None:
        raise NotAllowed("a passphrase, except for an open access point")
    return Secret(f"WIFI:T:WPA;S:{_escaped(name)};P:{_escaped(passphrase)};;")


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in '\\;,":' else character for character in text)


def _symbols(alphabet: str, count: int, random_bytes: RandomBytes) -> str:
    """`count` symbols, each from 5 bits of its own; what is left of the last byte is not used."""
    number = int.from_bytes(random_bytes((count * _BITS + 7) // 8), "big")
    return "".join(alphabet[number >> (_BITS * at) & 31] for at in range(count))
