"""After the end: a finished device's record is watched until the office has it.

Law: what a device was given in secret is kept here for as long as it may have to be told again, or
handed on. Once its record has been delivered everywhere it is written over (SQLite's
secure_delete, in the same transaction as the line that says so). Its token stays: by that it
proves who it is whenever it asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.floor import BENCH, Floor
from portal.bench.ledger.ledger import Line
from portal.bench.manifest.columns import is_spent
from portal.bench.persons import where

# Seconds between two looks, and how many devices at a look: each is one small query, 0.1 ms. They
# are asked about in turn, so that some whose record nobody ever takes hold up no others.
EVERY: Final = 5.0
AT_ONCE: Final = 50
_FINISHED: Final = (State.PROVISIONED, State.LABELLED, State.RELEASED)


class Filing:
    """Over a `floor`; `delivered(id)` says whether a record has been delivered everywhere."""

    def __init__(self, floor: Floor, delivered: Callable[[str], bool]) -> None:
        self.floor = floor
        self._delivered = delivered
        self._next = float("-inf")
        # Who was asked about last, and before that, the latest at the end.
        self._asked: dict[str, None] = {}

    def look(self) -> None:
        """Who is delivered is done with; who is not, waits for all to see. For a thread.

        Raises `database.Unwritable`.
        """
        now = self.floor.parts.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        records = {
            place.device.id: place.device.record
            for place in self.floor.roll.in_state(*_FINISHED)
            if place.device.record
        }
        asked = {id_: None for id_ in self._asked if id_ in records}
        turn = [*(id_ for id_ in records if id_ not in asked), *asked][:AT_ONCE]
        self._asked = dict.fromkeys([*(id_ for id_ in asked if id_ not in turn), *turn])
        for id_ in turn:
            record = records[id_]
            if self._delivered(record):
                self.floor.decided(lambda id_=id_, record=record: self._close(id_, record))  # type: ignore[misc] # bound now
            else:
                self.floor.roll.waits(id_)

    def _close(self, id_: str, record: str) -> None:
        device = self.floor.roll.get(id_)
        if device is None or device.record != record or device.state not in _FINISHED:
            return
        line = Line(BENCH, "passed on", id_, where(device))
        self.floor.keep(spent(device), [line])


def spent(device: Device) -> Device:
    """A device of which the office has all there is: nothing secret is needed of it any more."""
    cells = {name: "" if is_spent(name) else value for name, value in device.cells.items()}
    return replace(device, cells=cells, record="")
