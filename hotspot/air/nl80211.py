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
_BSS_BSSID: Final = 1
_BSS_FREQUENCY: Final = 2
_BSS_CAPABILITY: Final = 5
_BSS_ELEMENTS: Final = 6
_BSS_SIGNAL_MBM: Final = 7
_BSS_SIGNAL_UNSPECIFIED: Final = 8
_BSS_AGE_MS: Final = 10
_BSS_BEACON_ELEMENTS: Final = 11

# enum nl80211_band_attr, nl80211_frequency_attr. The flags have no payload.
_BAND_FREQUENCIES: Final = 1
_FREQUENCY_MHZ: Final = 1
_FREQUENCY_DISABLED: Final = 2
_FREQUENCY_NO_IR: Final = 3
_FREQUENCY_RADAR: Final = 5

# enum nl80211_sta_info.
_STATION_SIGNAL: Final = 7
_STATION_CONNECTED: Final = 16

# Capability bit 4, "privacy": frames are encrypted somehow (IEEE 802.11-2020 9.4.1.4).
_PRIVACY: Final = 0x0010

# enum nl80211_commands.
_CHANNEL_SWITCH: Final = 102

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
class Frequency:
    """A channel's centre in MHz, and what the country's rules make of it for this radio.

    `disabled` for nobody; `no_ir`: nothing may begin there, a station may only answer what it
    hears; `radar`: an access point listens for radar first, for 60 s at least.
    """

    mhz: int
    disabled: bool = False
    no_ir: bool = False
    radar: bool = False

    @property
    def passive(self) -> bool:
        """Whether nothing may be sent before something is heard."""
        return self.no_ir or self.radar


@dataclass(frozen=True, slots=True)
class Adapter:
    """A Wi-Fi interface, and what its radio (`phy`, by number) can be.

    `announces`: the driver takes an access point to another channel by announcement.
    """

    interface: str
    index: int
    phy: int
    types: frozenset[str]
    combinations: tuple[Combination, ...] = ()
    announces: bool = False
    frequencies: tuple[Frequency, ...] = ()

    @property
    def can_be_access_point(self) -> bool:
        """Whether the driver has AP mode."""
        return "ap" in self.types

    @property
    def can_join_beside(self) -> bool:
        """Whether a station interface may run beside the access point on this radio."""
        return self.channels_beside > 0

    @property
    def channels_beside(self) -> int:
        """On how many channels at once an access point and a station may be; 0: not at once."""
        both = [one.channels for one in self.combinations if one.allows("ap", "station")]
        return max(both, default=0)


@dataclass(frozen=True, slots=True)
class Heard:
    """One access point of a scan: MHz, dBm, the privacy bit, its information elements, its own
    address, and how many milliseconds ago it was heard.
    """

    frequency: int
    signal: float
    privacy: bool
    elements: bytes
    bssid: bytes = b""
    age: int = 0


@dataclass(frozen=True, slots=True)
class Station:
    """Who is associated: hardware address, since how many seconds, and dBm (0: not known)."""

    address: str
    seconds: int
    signal: int


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


def announces(data: bytes) -> bool:
    """Whether NL80211_CMD_CHANNEL_SWITCH is in a list of NL80211_ATTR_SUPPORTED_COMMANDS."""
    return any(_whole(number) == _CHANNEL_SWITCH for _, number in attributes(data))


def frequencies(data: bytes) -> tuple[Frequency, ...]:
    """The channels of NL80211_ATTR_WIPHY_BANDS, in rising order; the last word on each counts.

    The kernel tells of a band in many messages, a few channels in each: `data` may be all of
    them in a row.
    """
    bands = (dict(attributes(band)) for _, band in attributes(data))
    told = [one for band in bands for _, one in attributes(band.get(_BAND_FREQUENCIES, b""))]
    found = {one.mhz: one for one in map(_frequency, told) if one.mhz}
    return tuple(found[mhz] for mhz in sorted(found))


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
    bssid, age = found.get(_BSS_BSSID, b""), _unsigned(found, _BSS_AGE_MS)
    return Heard(frequency, signal, bool(capability & _PRIVACY), elements, bssid, age)


def station(address: bytes, data: bytes) -> Station:
    """One entry of a station dump, from its NL80211_ATTR_MAC and NL80211_ATTR_STA_INFO."""
    found = dict(attributes(data))
    signal = int.from_bytes(found.get(_STATION_SIGNAL, b""), _ORDER, signed=True)
    return Station(address.hex(":"), _unsigned(found, _STATION_CONNECTED), signal)


def _frequency(data: bytes) -> Frequency:
    found = dict(attributes(data))
    return Frequency(
        _unsigned(found, _FREQUENCY_MHZ),
        disabled=_FREQUENCY_DISABLED in found,
        no_ir=_FREQUENCY_NO_IR in found,
        radar=_FREQUENCY_RADAR in found,
    )


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
    return _whole(found.get(kind, b""))


def _whole(number: bytes) -> int:
    return int.from_bytes(number, _ORDER)
