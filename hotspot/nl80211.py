"""What nl80211 says, from bytes to values: adapters, their abilities, and what a scan heard.

Attributes are length, type, payload, padded to four bytes (linux/netlink.h); their numbers are
those of linux/nl80211.h. Nothing here raises: what comes with a scan was written by strangers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# enum nl80211_iftype, as `iw` and the rest of the house name them.
TYPES: Final = (
    *("unspecified", "adhoc", "station", "ap", "ap_vlan", "wds", "monitor", "mesh_point"),
    *("p2p_client", "p2p_go", "p2p_device", "ocb", "nan"),
)

# enum nl80211_iface_combination_attrs and nl80211_iface_limit_attrs.
_COMBINATION_LIMITS: Final = 1
_COMBINATION_MOST: Final = 2
_COMBINATION_CHANNELS: Final = 4
_LIMIT_MOST: Final = 1
_LIMIT_TYPES: Final = 2

# enum nl80211_bss.
_BSS_FREQUENCY: Final = 2
_BSS_CAPABILITY: Final = 5
_BSS_ELEMENTS: Final = 6
_BSS_SIGNAL_MBM: Final = 7
_BSS_SIGNAL_UNSPECIFIED: Final = 8
_BSS_BEACON_ELEMENTS: Final = 11

# Capability bit 4, "privacy": frames are encrypted somehow (IEEE 802.11-2020 9.4.1.4).
_PRIVACY: Final = 0x0010

_TYPE_MASK: Final = 0x3FFF  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER
_HEADER: Final = 4
# Payloads are in the machine's own byte order.
_ORDER: Final = "little" if struct.pack("=H", 1) == b"\x01\x00" else "big"


@dataclass(frozen=True, slots=True)
class Combination:
    """Interfaces that one radio runs at a time: at most so many of these types each, so many in
    all, on so many channels."""  # noqa: D209 - one sentence

    limits: tuple[tuple[int, frozenset[str]], ...]
    most: int
    channels: int

    def allows(self, *types: str) -> bool:
        """Whether one interface of each of these types may be there at once."""
        return len(types) <= self.most and _placed(types, self.limits)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A Wi-Fi interface, and what its radio (`phy`, by number) can be."""

    interface: str
    index: int
    phy: int
    types: frozenset[str]
    combinations: tuple[Combination, ...] = ()

    @property
    def can_be_access_point(self) -> bool:
        """Whether the driver has AP mode."""
        return "ap" in self.types

    @property
    def can_join_beside(self) -> bool:
        """Whether a station interface may run beside the access point on this radio."""
        return any(combination.allows("ap", "station") for combination in self.combinations)


@dataclass(frozen=True, slots=True)
class Heard:
    """One access point of a scan: MHz, dBm, the privacy bit, and its information elements."""

    frequency: int
    signal: float
    privacy: bool
    elements: bytes


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and payload of each attribute; ends early where a length cannot be true."""
    at = 0
    while at + _HEADER <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < _HEADER or at + length > len(data):
            return
        yield kind & _TYPE_MASK, data[at + _HEADER : at + length]
        at += (length + 3) & ~3


def types(data: bytes) -> frozenset[str]:
    """The interface types of a nested list of flags, by name; unknown ones are left out."""
    return frozenset(TYPES[kind] for kind, _ in attributes(data) if kind < len(TYPES))


def combinations(data: bytes) -> tuple[Combination, ...]:
    """The interface combinations of NL80211_ATTR_INTERFACE_COMBINATIONS."""
    return tuple(_combination(dict(attributes(one))) for _, one in attributes(data))


def heard(data: bytes) -> Heard | None:
    """One NL80211_ATTR_BSS of a scan dump; `None` without a frequency or a signal."""
    found = dict(attributes(data))
    signal = _signal(found)
    frequency = _unsigned(found, _BSS_FREQUENCY)
    if not frequency or signal is None:
        return None
    capability = _unsigned(found, _BSS_CAPABILITY)
    # A hidden network's name is only in its probe responses, which is what the first one holds.
    elements = found.get(_BSS_ELEMENTS) or found.get(_BSS_BEACON_ELEMENTS, b"")
    return Heard(frequency, signal, bool(capability & _PRIVACY), elements)


def _combination(found: Mapping[int, bytes]) -> Combination:
    limits = [dict(attributes(one)) for _, one in attributes(found.get(_COMBINATION_LIMITS, b""))]
    return Combination(
        tuple(
            (_unsigned(limit, _LIMIT_MOST), types(limit.get(_LIMIT_TYPES, b""))) for limit in limits
        ),
        _unsigned(found, _COMBINATION_MOST),
        _unsigned(found, _COMBINATION_CHANNELS),
    )


def _placed(wanted: tuple[str, ...], limits: tuple[tuple[int, frozenset[str]], ...]) -> bool:
    """Whether each type finds room of its own below the limits: two or three, so try them all."""
    if not wanted:
        return True
    first, *rest = wanted
    return any(
        first in allowed
        and most > 0
        and _placed(tuple(rest), (*limits[:at], (most - 1, allowed), *limits[at + 1 :]))
        for at, (most, allowed) in enumerate(limits)
    )


def _signal(found: Mapping[int, bytes]) -> float | None:
    """dBm; a driver that knows no unit gives 0 to 100, taken for -100 to -50 dBm."""
    exact = found.get(_BSS_SIGNAL_MBM, b"")
    if exact:
        return int.from_bytes(exact, _ORDER, signed=True) / 100
    rough = found.get(_BSS_SIGNAL_UNSPECIFIED, b"")
    return rough[0] / 2 - 100 if rough else None


def _unsigned(found: Mapping[int, bytes], kind: int) -> int:
    return int.from_bytes(found.get(kind, b""), _ORDER)
