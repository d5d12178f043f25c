"""One attempt to join the home network, from the first look to what is kept.

In two phases: tried beside the access point until it has proven itself, and only then made
permanent. Whatever ends it, everything of the attempt is gone afterwards: station, supplicant,
namespace; and the access point is on the air.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from hotspot.log import log
from hotspot.uplink.means import Real
from hotspot.uplink.outcome import Ended
from hotspot.uplink.room import NoRoom
from hotspot.uplink.steps import Place, Try
from hotspot.uplink.waiting import Over, Patience
from hotspot.uplink.way import Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.owner.port import Owner
    from hotspot.uplink.means import Means
    from hotspot.uplink.outcome import Event
    from hotspot.uplink.room import Room
    from hotspot.uplink.waiting import Cancelled
    from hotspot.uplink.wanted import Wanted

__all__ = ["Attempt", "Place"]


class Attempt:
    """Attempts at one place, one at a time; `join` is what the radio agent calls."""

    def __init__(self, place: Place, room: Room, owner: Owner, means: Means | None = None) -> None:
        self._place = place
        self._room = room
        self._owner = owner
        self._means = means or Real(place.interface, place.runtime, place.hostname)

    def join(
        self, key: str, wanted: Wanted, tell: Callable[[Event], None], cancelled: Cancelled
    ) -> Ended:
        """Try a network and keep it if it proves itself; `tell` hears the way, not the end."""
        way = Way(tell)
        try:
            with contextlib.ExitStack() as leaving:
                leaving.callback(self._come_back)
                trying = Try(self._place, self._room, self._means, way, leaving)
                return trying.join(key, wanted, self._owner, Patience(cancelled))
        except Over as over:
            return Ended(outcome=over.outcome, step=way.step, key=key, url=over.url, what=over.what)

    def _come_back(self) -> None:
        try:
            self._room.leave()
        except NoRoom as reason:
            # The outcome is about the home network; the supervisor looks after the access point.
            log(f"radio: {reason}")
