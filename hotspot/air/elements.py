"""IEEE 802.11 information elements, as strangers put them on the air: a name and a protection.

An element is identifier, length, payload (IEEE 802.11-2020 9.4.2.1). Nothing here trusts a
length; whatever the bytes, the answer is a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Protection = Literal["open", "wep", "wpa2", "wpa3", "wpa2-wpa3", "enterprise", "owe"]

_SSID: Final = 0
_RSN: Final = 48
_VENDOR: Final = 221
_LONGEST_SSID: Final = 32

# Microsoft's WPA element, from before RSN: OUI 00-50-F2 type 1, version 1.
_WPA: Final = b"\x00\x50\xf2\x01\x01\x00"
_IEEE: Final = b"\x00\x0f\xac"
_MICROSOFT: Final = b"\x00\x50\xf2"

# Authentication and key management suites, IEEE 802.11-2020 table 9-151 (and 802.11be for 24, 25).
_PSK: Final = frozenset({2, 4, 6})
_SAE: Final = frozenset({8, 9, 24, 25})
_OWE: Final = frozenset({18})
_SUITE: Final = 4


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Identifier and payload of each element; ends where a length runs over the end."""
    at = 0
    while at + 2 <= len(data) and at + 2 + data[at + 1] <= len(data):
        yield data[at], data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]


def ssid(data: bytes) -> bytes:
    """The network's name; b"" when it hides itself (no element, none of it, or all zeros)."""
    name = next((payload for kind, payload in elements(data) if kind == _SSID), b"")
    return name if len(name) <= _LONGEST_SSID and name.strip(b"\0") else b""


def protection(data: bytes, *, privacy: bool) -> Protection:
    """How a station proves itself; `privacy` is the capability bit beside the elements."""
    suites = None
    for kind, payload in elements(data):
        if kind == _RSN:
            return _named(_suites(payload[2:], _IEEE))
        if kind == _VENDOR and payload.startswith(_WPA):
            suites = _suites(payload[len(_WPA) :], _MICROSOFT)
    if suites is None:
        return "wep" if privacy else "open"
    # WPA of 2003: to the person the same as WPA2, a name and a passphrase.
    return _named(suites)


def _named(suites: frozenset[int]) -> Protection:
    sae, psk = suites & _SAE, suites & _PSK
    if sae:
        return "wpa2-wpa3" if psk else "wpa3"
    if psk:
        return "wpa2"
    # What is left asks for more than a passphrase: 802.1X in its kinds, DPP, a vendor's own,
    # and 802.1X again where nothing is said (9.4.2.24.3).
    return "owe" if suites & _OWE else "enterprise"


def _suites(rest: bytes, oui: bytes) -> frozenset[int]:
    """The key management suites: after the group cipher and the list of pairwise ciphers."""
    rest = rest[_SUITE:]
    _, rest = _list(rest)
    suites, _ = _list(rest)
    return frozenset(suite[3] for suite in suites if suite.startswith(oui))


def _list(rest: bytes) -> tuple[list[bytes], bytes]:
    """A counted list of suites and what follows it; suites that are cut off are not there."""
    count = int.from_bytes(rest[:2], "little")
    end = 2 + _SUITE * count
    found = [rest[at : at + _SUITE] for at in range(2, min(end, len(rest)), _SUITE)]
    return [suite for suite in found if len(suite) == _SUITE], rest[end:]
