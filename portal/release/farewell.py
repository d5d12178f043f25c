"""Who may leave the captive state when the set-up has ended well.

Remembers which client has submitted which record, asks what became of it, and releases that
client once it has been delivered everywhere; where its network is joined first, once that has
proven itself. In memory, for an hour: whoever is forgotten (a
restart, a crowd) still has the button on the page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portal.provisioning.join import OPEN, Phase
from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.life import PENDING, Life, State
from portal.release.released import Releases

MOST: Final = 256
SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Guest:
    """What is waited for: a record, by whoever held the address then, and until when."""

    record: str
    holder: str
    until: float


class Farewell:
    """The clients that wait for the end of their set-up, for any number of threads.

    `state(id)` is the outbox's and may raise `Unwritable`; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        state: Callable[[str], Life | None],
        releases: Releases,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._releases = releases
        self._clock = clock
        self._lock = threading.Lock()
        self._guests: dict[str, _Guest] = {}

    def __len__(self) -> int:
        return len(self._guests)

    def expect(self, address: str, record: str) -> None:
        """The client at `address` has submitted `record`; only its last one counts.

        One place a client, so that nobody can take everybody's by submitting often.
        """
        guest = _Guest(record, self._releases.holder(address), self._clock() + SECONDS)
        with self._lock:
            self._guests.pop(address, None)
            if len(self._guests) >= MOST:
                del self._guests[next(iter(self._guests))]
            self._guests[address] = guest

    def expects(self, address: str, record: str) -> bool:
        """Whether the client at `address` waits for the end of `record`."""
        guest = self._guests.get(address)
        return guest is not None and guest.record == record

    def look(self) -> None:
        """See what became of every record waited for, and release whose set-up ended well.

        Reads the database, so never in the event loop. What cannot be read, or not be noted, is
        looked at again the next time.
        """
        for address, guest in list(self._guests.items()):
            try:
                if self._is_settled(address, guest):
                    self._forget(address, guest)
            except (Unwritable, OSError):
                continue

    def _is_settled(self, address: str, guest: _Guest) -> bool:
        """Whether there is nothing more to wait for; its client has been released by then."""
        if guest.until <= self._clock():
            return True
        life = self._state(guest.record)
        if life is not None and _is_pending(life):
            return False
        # Meanwhile the address may have become another's, who has not seen the page yet.
        is_here = self._releases.holder(address) == guest.holder
        if life is not None and _has_ended_well(life) and is_here:
            self._releases.release(address)
        return True

    def _forget(self, address: str, guest: _Guest) -> None:
        with self._lock:
            # It may have submitted another one since.
            if self._guests.get(address) is guest:
                del self._guests[address]


def _is_pending(life: Life) -> bool:
    return life.join.state in OPEN if life.join else life.state in PENDING


def _has_ended_well(life: Life) -> bool:
    return life.join.state is Phase.CONNECTED if life.join else life.state is State.DELIVERED
