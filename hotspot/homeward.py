"""The two errands of a machine that has a home network: is it on the air, and getting onto it.

Each a process of its own beside the supervisor, which learns from the exit status how it ended.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from hotspot import homewatch, scan
from hotspot.agent import joining, scanning
from hotspot.agent.port import CannotNow
from hotspot.loop import Loop, log
from hotspot.wireless import Wireless, index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hotspot.channel import Heard
    from hotspot.owner.port import Kept, Owner

# An association and a lease take 5 to 20 s; a router that has just come back may be slow.
SECONDS: Final = 90.0


def settle(owner: Owner, interface: str, runtime: Path, seconds: float = SECONDS) -> bool:
    """Whether the machine is on the kept network, with a route over it, within `seconds`.

    If not, that is the end of the join which brought the network: `lost`.
    """
    deadline = time.monotonic() + seconds
    home = owner.settle(interface, seconds) and on_a_network(interface, deadline)
    if not home:
        joining.lose(runtime)
    return home


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
            heard = scanning.listen(wireless, index, lambda *_: None, threading.Event())
        except CannotNow as reason:
            log(f"vestibule: {reason}: going to look")
            return True
        scan.write(runtime, heard)
        return is_there(kept.ssid, heard) and not wireless.stations(index)


def is_there(ssid: bytes, heard: Sequence[Heard]) -> bool:
    """Whether a network of this name was heard; one that hides its name may be any that does."""
    return any(one.ssid in {ssid, b""} for one in heard)
