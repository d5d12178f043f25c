"""Finished devices are sent off the access point, so that their places on the radio are free.

Ten minutes long they are not let on again: by then they are packed. Who is to be done once more is
let back at once. Only a device that holds a lease of ours is on this radio at all. Whoever was
finished before this process began has been sent off by the one before, or has gone by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.bench.devices.states import State
from portal.bench.port import Row, Wall
from portal.joining.radio import Radio, Silent
from portal.joining.reports import Refused
from portal.release.released import LEASES, LeaseFile

# Seconds. A device is still to hear that it is done, and a board to end its start.
GRACE: Final = 10.0
AWAY: Final = 600
BACK: Final = 1
# An agent that is not there is asked for so long.
PATIENCE: Final = 60.0
_FINISHED: Final = frozenset({State.PROVISIONED, State.LABELLED, State.RELEASED})


@dataclass(slots=True)
class _Due:
    mac: str
    at: float
    until: float


class Dismissal:
    """Sends off whom `wall` shows as finished. `off(mac, seconds)` raises `Silent`; `leased()` are
    the MACs with a lease; `clock` is in seconds.
    """

    def __init__(
        self,
        wall: Wall,
        off: Callable[[str, int], None],
        leased: Callable[[], Collection[str]],
        clock: Callable[[], float],
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._wall = wall
        self._off = off
        self._leased = leased
        self._clock = clock
        self._log = log
        self._cursor = -1
        self._due: dict[str, _Due] = {}
        self._away: dict[str, str] = {}

    def look(self) -> None:
        """Take note of what has changed, and send off who is due. Asks the radio: for a thread."""
        before, (self._cursor, rows) = self._cursor, self._wall.rows(max(self._cursor, 0))
        for row in rows if before >= 0 else ():
            self._note(row)
        for id_, due in [*self._due.items()]:
            if due.at <= self._clock():
                self._send(id_, due)

    def _note(self, row: Row) -> None:
        if row.state in _FINISHED:
            if row.mac in self._leased() and row.id not in self._away:
                now = self._clock()
                fresh = _Due(row.mac, now + GRACE, now + GRACE + PATIENCE)
                self._due.setdefault(row.id, fresh)
            return
        self._due.pop(row.id, None)
        mac = self._away.pop(row.id, None)
        if mac:
            self._ask(mac, BACK)

    def _send(self, id_: str, due: _Due) -> None:
        if self._ask(due.mac, AWAY):
            self._away[id_] = due.mac
        elif self._clock() < due.until:
            return
        del self._due[id_]

    def _ask(self, mac: str, seconds: int) -> bool:
        try:
            self._off(mac, seconds)
        except Silent as error:
            self._log(f"{mac} could not be sent off: {error}")
            return False
        return True


def by_radio(radio: Radio) -> Callable[[str, int], None]:
    """The radio agent's `dismiss`, as `Dismissal` asks for it."""

    def off(mac: str, seconds: int) -> None:
        asked = {"verb": "dismiss", "address": mac, "seconds": seconds}
        with radio.ask(asked) as conversation:
            for report in conversation:
                if isinstance(report, Refused):
                    raise Silent(report.what)

    return off


def leased(runtime: Path) -> Callable[[], Collection[str]]:
    """The MACs in the lease file of this run."""
    file = LeaseFile(runtime / LEASES)
    return lambda: {lease.mac for lease in file().values()}
