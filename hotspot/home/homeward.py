"""The two errands of a machine that has a home network: is it on the air, and getting onto it.

Each a process of its own beside the supervisor, which learns from the exit status how it ended.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from hotspot.agent import joining, scanning
from hotspot.agent.port import CannotNow
from hotspot.air import scan
from hotspot.air.wireless import Wireless, index_of
from hotspot.checks import preflight
from hotspot.errors import Refused
from hotspot.home import homewatch
from hotspot.log import log
from hotspot.machine import journal
from hotspot.netlink import Links
from hotspot.supervisor.loop import Loop
from hotspot.uplink import interface as station
from hotspot.uplink.moving import Interface, SharedRadio
from hotspot.uplink.room import NoRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hotspot.channel import Heard
    from hotspot.owner.port import Kept, Owner
    from hotspot.settings import Settings
    from hotspot.uplink.room import Room

# An association and a lease take 5 to 20 s; a router that has just come back may be slow.
SECONDS: Final = 90.0


def settle(owner: Owner, interface: str, runtime: Path, seconds: float = SECONDS) -> bool:
    """Whether the machine is on the kept network, with a route over it, within `seconds`.

    If not, that is the end of the join which brought the network: `lost`.
    """
    deadline = time.monotonic() + seconds
    try:
        home = owner.settle(interface, seconds) and on_a_network(interface, deadline)
    except Refused as refusal:
        log(f"vestibule: {refusal}")
        home = False
    if not home:
        joining.lose(runtime)
    return home


def beside(owner: Owner, wish: str, interface: str, runtime: Path) -> bool:
    """Whether the machine is on the kept network by a station beside the access point.

    The access point moves to its channel first, if it has to; where the two cannot be at once,
    it stays and the network is not joined. `wish` is the setting `radio.follow`.
    """
    kept = owner.kept()
    if kept is None or homewatch.is_on_a_network(station.NAME):
        return kept is not None
    deadline = time.monotonic() + SECONDS
    try:
        with Wireless() as wireless, Links() as links:
            (radio,) = [one for one in wireless.adapters() if one.interface == interface]
            kernel = Interface(wireless, links, interface)
            room = SharedRadio(radio, kernel, runtime, wish, threading.Event().wait)
            heard = scanning.listen(wireless, index_of(interface), _unheard, threading.Event())
            scan.write(runtime, heard)
            if not makes_room(room, [one for one in heard if one.ssid == kept.ssid]):
                log("vestibule: no room for the home network's channel beside the access point's")
                return False
            station.stay(wireless, links, interface, runtime)
    except (CannotNow, NoRoom, OSError) as reason:
        log(f"vestibule: not on the home network: {reason}")
        return False
    return owner.settle(station.NAME, SECONDS) and on_a_network(station.NAME, deadline)


def makes_room(room: Room, ours: Sequence[Heard]) -> bool:
    """Whether the access point is where a station may be beside it. Raises `NoRoom`.

    A network that hides its name is not heard: it may be on the channel that we are on.
    """
    if not ours:
        return True
    frequency = room.nearest([(one.frequency, one.signal) for one in ours])
    # Not taken: who is told of the way back goes no further (`Room.make`).
    return all(moved.how != "return" for moved in room.make(frequency))


def _unheard(_done: int, _of: int) -> None:
    """Nobody follows this scan."""


def on_a_network(interface: str, deadline: float) -> bool:
    """Whether the interface is on one by `deadline` (monotonic)."""
    loop, told = Loop(), [False]
    watch = homewatch.Homewatch(loop, lambda home: told.__setitem__(0, home))
    watch.begin(interface)
    while not told[0] and time.monotonic() < deadline:
        loop.turn(deadline)
    watch.end()
    loop.close()
    return told[0]


def look(
    kept: Kept | None,
    interface: str,
    runtime: Path,
    opened: Callable[[], Wireless] = Wireless,
) -> bool:
    """Whether it is worth leaving the air: the network is heard, and nobody is on ours.

    A radio that cannot listen beside its own beacons leaves it to be tried. What is heard is
    the page's list too.
    """
    if kept is None:
        return False
    with opened() as wireless:
        index = index_of(interface)
        if wireless.stations(index):
            return False
        try:
            heard = scanning.listen(wireless, index, _unheard, threading.Event())
        except CannotNow as reason:
            log(f"vestibule: {reason}: going to look")
            return True
        scan.write(runtime, heard)
        return is_there(kept.ssid, heard) and not wireless.stations(index)


def is_there(ssid: bytes, heard: Sequence[Heard]) -> bool:
    """Whether a network of this name was heard; one that hides its name may be any that does."""
    return any(one.ssid in {ssid, b""} for one in heard)


def in_use(settings: Settings, runtime: Path) -> str:
    """The interface of the access point, or the one that would be. Raises `Refused`."""
    found = journal.read(runtime)
    if found is not None:
        return found.before.interface
    with Wireless() as wireless:
        return preflight.adapter(wireless.adapters(), settings.radio.interface).interface
