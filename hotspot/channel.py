"""Which channel the access point takes, from what the radio heard.

Channel numbers mean 20 MHz channels; frequencies are channel centres in MHz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Protection = Literal["open", "wep", "wpa2", "wpa3", "wpa2-wpa3", "enterprise", "owe"]
Band = Literal["2.4 GHz", "5 GHz", "6 GHz"]

# The three 2.4 GHz channels that do not overlap, allowed everywhere.
APART: Final = (1, 6, 11)
# 12 and 13 are not allowed, or not listened to, in part of the world: a phone bought there
# would not see us.
EVERYWHERE: Final = range(1, 12)

# Centre frequency -> channel number (IEEE 802.11-2020 annex E; Linux net/wireless/util.c has the
# same sums). 14 and the 6 GHz band's 2 stand out of their lines.
_BY_NUMBER: Final[tuple[Band, ...]] = ("2.4 GHz", "5 GHz")
_CENTRES: Final[Mapping[Band, Mapping[int, int]]] = {
    "2.4 GHz": {2407 + 5 * number: number for number in range(1, 14)} | {2484: 14},
    "5 GHz": {5000 + 5 * number: number for number in range(32, 178)},
    "6 GHz": {5950 + 5 * number: number for number in range(1, 234)} | {5935: 2},
}
_FREQUENCIES: Final = {
    number: centre for name in _BY_NUMBER for centre, number in _CENTRES[name].items()
}

# Two 20 MHz signals whose centres are 5 MHz apart per channel number: apart from 4 on.
_OVERLAP_CHANNELS: Final = 4
# About where a receiver stops hearing a frame as one (IEEE 802.11-2020 table 17-18: -82 dBm at
# the lowest rate, good receivers 10 dB better). A network weighs what it stands above that.
_FLOOR_DBM: Final = -92


@dataclass(frozen=True, slots=True)
class Heard:
    """One access point of a scan: any bytes as its name, `signal` in dBm, `frequency` in MHz, and
    the hardware address by which it calls itself.
    """

    ssid: bytes
    signal: float
    frequency: int
    security: Protection = "wpa2"
    bssid: bytes = b""


def choose(wanted: int | None, heard: Sequence[Heard]) -> int:
    """The access point's channel: the one wanted, or for `None` the best on 2.4 GHz.

    That is the channel of the strongest 2.4 GHz network, if it is one that every phone knows:
    it is most likely the home network, and joining it later needs no change of channel. Else
    the least used of 1, 6 and 11.
    """
    if wanted is not None:
        return wanted
    nearby = [network for network in heard if band(network.frequency) == "2.4 GHz"]
    strongest = max(nearby, key=lambda network: network.signal, default=None)
    home = channel_of(strongest.frequency) if strongest else None
    if home is not None and home in EVERYWHERE:
        return home
    return min(APART, key=lambda candidate: use(candidate, nearby))


def use(channel: int, heard: Sequence[Heard]) -> float:
    """How busy a 2.4 GHz channel is: each network's dB above the floor, by its overlap."""
    return sum(
        _overlap(channel, network.frequency) * max(0.0, network.signal - _FLOOR_DBM)
        for network in heard
    )


def _overlap(channel: int, frequency: int) -> float:
    """The share of the channel that a 20 MHz signal at `frequency` covers, 0 to 1."""
    apart = abs(frequency_of(channel) - frequency) / 5
    return max(0.0, 1 - apart / _OVERLAP_CHANNELS)


def band(frequency: int) -> Band | None:
    """The band that a channel's centre lies in; `None` outside of the three."""
    return next((name for name, centres in _CENTRES.items() if frequency in centres), None)


def channel_of(frequency: int) -> int | None:
    """The channel number of a centre frequency; `None` where there is no channel.

    Each band counts from its own start, so the number alone does not tell 5 on 2.4 GHz from 5
    on 6 GHz: keep the frequency beside it.
    """
    return next((c[frequency] for c in _CENTRES.values() if frequency in c), None)


def frequency_of(channel: int) -> int:
    """The centre frequency of a 2.4 GHz (1 to 14) or 5 GHz (32 on) channel.

    Raises `ValueError` for a number that is neither.
    """
    try:
        return _FREQUENCIES[channel]
    except KeyError:
        raise ValueError(f"no channel {channel} on 2.4 or 5 GHz") from None
