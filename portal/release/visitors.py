"""Who submitted what, so that a page that got lost finds its outcome again.

Law: values and a clock. In memory: what is forgotten here is still in the store, only not shown
unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# One place a client; the oldest makes room.
MOST: Final = 256
# Seconds for which a client is met with its own outcome, and everybody with the device's last:
# whoever comes back after the access point was away has no other thread to take up.
OWN: Final = 3600.0
ANYBODYS: Final = 600.0


@dataclass(frozen=True, slots=True)
class _Visit:
    """A record, by whoever held the address then, and when."""

    record: str
    holder: str
    at: float


class Visitors:
    """The last submission of each client, for any number of threads; `clock` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._visits: dict[str, _Visit] = {}
        self._latest: _Visit | None = None

    def submitted(self, address: str, holder: str, record: str) -> None:
        """The client at `address`, under the lease of `holder`, has sent a record."""
        visits = {**self._visits}
        visits.pop(address, None)
        if len(visits) >= MOST:
            del visits[next(iter(visits))]
        visits[address] = _Visit(record, holder, self._clock())
        # One assignment: other threads see the old table or the new one.
        self._visits = visits

    def happened(self, record: str) -> None:
        """Something has just become of a record."""
        self._latest = _Visit(record, "", self._clock())

    def own(self, address: str, holder: str) -> str:
        """The last record of this client, "" without one."""
        visit = self._visits.get(address)
        if visit is None or visit.holder != holder or self._clock() - visit.at > OWN:
            return ""
        return visit.record

    def last(self, address: str, holder: str) -> str:
        """The record to show this client first: its own, or this device's news."""
        own = self.own(address, holder)
        latest = self._latest
        if own or latest is None or self._clock() - latest.at > ANYBODYS:
            return own
        return latest.record
