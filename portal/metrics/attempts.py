"""Delivery attempts since the portal began, counted off the store's own steps.

Delivery is a process that comes and goes, and what it has done is in the store. Each look counts
the steps since the look before, by the clock that no change of time moves; so history that makes
room takes nothing away from a counter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portal.provisioning.keeping.database import Database
from portal.provisioning.life import Event, Moment
from portal.provisioning.moments import clock

# What ends an attempt, and how Prometheus is told.
_RESULTS: Final = {
    Event.DELIVERED: "delivered",
    Event.DEFERRED: "deferred",
    Event.REJECTED: "rejected",
    Event.INTERRUPTED: "interrupted",
}


class Attempts:
    """Counts the attempts in the database at `path`, by delivery and result, from now on."""

    def __init__(self, path: Path, now: Callable[[], Moment] = clock.now) -> None:
        self._path = path
        self._database = Database(path)
        self._now = now
        self._last = now()
        self.counted: Counter[tuple[str, str]] = Counter()

    def look(self) -> None:
        """Count what has come since the last look. Raises `database.Unwritable`."""
        if not self._path.exists():
            return
        with self._database.snapshot() as connection:
            # Inside: whoever commits later has a later moment.
            until = self._now()
            rows = connection.execute(
                "SELECT delivery, event, count(*) FROM step"
                " WHERE boot = ? AND monotonic > ? AND monotonic <= ? GROUP BY delivery, event",
                (until.boot, self._last.monotonic, until.monotonic),
            ).fetchall()
        self._last = until
        for name, event, number in rows:
            if event in _RESULTS:
                self.counted[name, _RESULTS[Event(event)]] += number
