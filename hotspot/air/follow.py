"""What becomes of the access point when its radio is to join a network on another channel.

Pure: from what the radio says it can, where the access point is and where the network is, to the
ways to go, best first. A radio mostly holds one channel, so one of the two has to give in, and
what counts is whether the person before the page keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot.channel import band, channel_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotspot.air.nl80211 import Adapter
    from hotspot.uplink.outcome import How

# Beacons that carry the announcement: half a second at 100 ms each, of which a sleeping phone
# wakes for every second or third (DTIM 2).
COUNT: Final = 5

# Below this (dBm) an access point is no better choice because it needs no move: the join itself
# may fail. Phones, too, look for another one from about -75 on.
_WEAK: Final = -78

_COSTS: Final = {"": 0, "announce": 1, "restart": 2, "return": 3}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to go: how, at which frequency (MHz) the access point is then, and why."""

    how: How
    frequency: int
    why: str


def ways(radio: Adapter, at: int, home: int, wish: str = "auto") -> tuple[Way, ...]:
    """The ways, best first, for an access point at `at` and a network at `home` (MHz).

    None where nothing has to be done. `wish` is the setting `radio.follow`; what it asks for
    and what cannot be leaves the ways below it, so that nobody is stuck.
    """
    back = "the access point comes back to its channel afterwards"
    if wish == "return":
        return (Way("return", at, f"radio.follow says so: {back}"),)
    if not radio.can_join_beside:
        return (Way("return", at, f"this radio is an access point or a station, not both: {back}"),)
    if home == at or radio.channels_beside > 1:
        return ()
    why = _obstacle(radio, home) or (_unseen(at, home) if wish != "restart" else "")
    if why:
        return (Way("return", at, f"{why}: {back}"),)
    restart = Way("restart", home, _no_announcement(radio, at, home) or "stations will rejoin")
    way_out = Way("return", at, back)
    if wish == "restart" or _no_announcement(radio, at, home):
        return restart, way_out
    return Way("announce", home, "stations are told beforehand and follow"), restart, way_out


def nearest(radio: Adapter, at: int, heard: Sequence[tuple[int, float]], wish: str = "auto") -> int:
    """Of a network's access points, at MHz and dBm, the frequency that costs the reader least.

    Among equals the strongest; one too weak to be joined well only where all are. `heard` must
    not be empty.
    """

    def cost(one: tuple[int, float]) -> tuple[bool, int, float]:
        frequency, signal = one
        way = next(iter(ways(radio, at, frequency, wish)), None)
        return signal < _WEAK, _COSTS[way.how if way else ""], -signal

    return min(heard, key=cost)[0]


def announcement(frequency: int) -> str:
    """hostapd's command for a move by announcement (hostapd/ctrl_iface.c, CHAN_SWITCH).

    Without `ht` it would go on without 802.11n; 20 MHz, as `hotspot.hostapd` makes it.
    """
    return f"CHAN_SWITCH {COUNT} {frequency} ht"


def _obstacle(radio: Adapter, home: int) -> str:
    """Why no access point of ours can be at this frequency; "" when it can."""
    name = f"channel {channel_of(home)}" if channel_of(home) else f"{home} MHz"
    found = next((one for one in radio.frequencies if one.mhz == home), None)
    if band(home) not in {"2.4 GHz", "5 GHz"}:
        return f"{name} is on 6 GHz, where an access point needs WPA3 and few phones look"
    if found is None or found.disabled:
        return f"this radio may not use {name} in this country"
    if found.radar:
        return f"{name} needs a minute of listening for radar before the first beacon"
    if found.no_ir:
        return f"no access point may begin on {name} in this country"
    return ""


def _unseen(at: int, home: int) -> str:
    """Why phones that see us now would see us no longer; "" when they would."""
    if band(at) == "2.4 GHz" and band(home) == "5 GHz":
        return "a phone without 5 GHz would lose the page, and few follow from 2.4 GHz"
    return ""


def _no_announcement(radio: Adapter, at: int, home: int) -> str:
    if not radio.announces:
        return "this radio cannot announce a change of channel"
    if band(at) != band(home):
        # Linux' mac80211 for one disconnects (net/mac80211/mlme.c, "switches to different band").
        return "stations do not follow from one band to the other"
    return ""
