"""Delivery: hands every pending record to its backends until none is pending.

Law: an attempt is begun in the store before `apply` and settled after it. A crash between
the two makes a second attempt under the same id, which a backend takes for the first one.
A record's failure sets only its own next try; where the way is shut, the oldest record is the
one that tries it, so that the order is kept. The lock spares work; nothing is lost or doubled
without it.
"""

from __future__ import annotations

import fcntl
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from portal.provisioning.backend import Backend, Delivered, Outcome, Rejected, Retry
from portal.provisioning.delivery import schedule
from portal.provisioning.keeping.store import Store, Task, Unwritable
from portal.provisioning.life import Event
from portal.provisioning.record import Invalid, Record, from_json


class Bell(Protocol):
    """What the delivery waits with; see `doorbell.Doorbell`."""

    stopping: bool

    def hush(self) -> bool:
        """Take the rings so far, what they announced is in the store by now; was there one?"""
        ...

    def wait(self, seconds: float) -> None:
        """Return at a ring, at a signal to stop, or after `seconds`."""
        ...


class Busy(Exception):  # noqa: N818 - named for what the store is
    """Another delivery holds the lock."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`. Raises `Busy`, OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{path} is held by another delivery; it delivers what is pending") from None
        yield
    finally:
        os.close(descriptor)


class Delivery:
    """Delivers from `store` to `backends` by name. `random()` is in [0, 1), `log` takes lines.

    `others` are the deliveries of the settings that somebody else makes; with None, somebody
    else also tells of those that are not in the settings. `gap` seconds are between two attempts.
    """

    def __init__(
        self,
        store: Store,
        backends: Mapping[str, Backend],
        *,
        random: Callable[[], float],
        log: Callable[[str], None],
        others: Iterable[str] | None = (),
        gap: float = 0.0,
    ) -> None:
        self._store = store
        self._others = others
        self._backends = backends
        self._names = tuple(backends)
        self._random = random
        self._log = log
        self._gap = gap
        self._failures = 0
        # Attempts in a row that found the way shut, and for how long nobody tries it.
        self._shut = 0
        self._hold = 0.0

    def run(self, bell: Bell) -> None:
        """Deliver until nothing is pending or the bell says stop."""
        recovered = False
        while not bell.stopping:
            bell.hush()
            try:
                recovered = recovered or self.recover()
                if self._hold:
                    self._store.hasten(self._names)
                    self._hold = 0.0
                pause = self._pace() if self.turn() else self._store.soonest(self._names)
                self._failures = 0
            except Unwritable as error:
                # What was under way may still be marked so: put that right before going on.
                recovered, pause = False, self._trouble(error)
            if pause is None:
                return
            if pause > 0:
                bell.wait(pause)

    def recover(self) -> bool:
        """End the attempts that a crash cut short, and tell of records nobody delivers."""
        for task in self._store.interrupt(
            lambda attempts: schedule.after_interruption(attempts, self._random()), self._names
        ):
            self._log(f"record {task.id} {task.name}: attempt {task.attempts} was cut short")
        if self._others is not None:
            self._tell_of_unclaimed((*self._names, *self._others))
        return True

    def _tell_of_unclaimed(self, names: tuple[str, ...]) -> None:
        for name, count in self._store.unclaimed(names).items():
            self._log(
                f'{count} records wait for the delivery "{name}", which is not in the settings'
            )

    def _pace(self) -> float:
        """Seconds between the attempt just made and the next one."""
        return self._hold or self._gap

    def turn(self) -> bool:
        """Make one attempt at the first delivery that is due; False where none is."""
        task = self._store.due(self._names)
        if task is None:
            return False
        try:
            record = from_json(task.body)
        except Invalid as error:
            self._store.happen(task, Event.ABANDONED, reason=f"it cannot be read: {error}")
            self._log(f"record {task.id} {task.name}: dead: it cannot be read: {error}")
            return True
        if self._store.happen(task, Event.BEGUN):
            self._settle(task, record, self._apply(task.name, record))
        return True

    def _apply(self, name: str, record: Record) -> Outcome:
        try:
            outcome: object = self._backends[name].apply(record)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a backend's bug must not cost the others their turn
            # Where, not what: the message may quote the record.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            return Retry(None, f"the backend failed with {type(error).__name__} at {where}")
        if isinstance(outcome, Delivered | Retry | Rejected):
            return outcome
        return Retry(None, f"the backend answered {type(outcome).__name__}")

    def _settle(self, task: Task, record: Record, outcome: Outcome) -> None:
        attempt = task.attempts + 1
        prefix = f"record {task.id} {task.name}"
        self._shut = self._shut + 1 if isinstance(outcome, Retry) and outcome.whole else 0
        if isinstance(outcome, Delivered):
            self._store.happen(task, Event.DELIVERED)
            self._log(f"{prefix}: delivered at attempt {attempt}")
            return
        why = record.redact(outcome.why)
        if isinstance(outcome, Rejected):
            self._store.happen(task, Event.REJECTED, reason=why)
            self._log(f"{prefix}: rejected: {why}")
            return
        delay = schedule.after_refusal(self._shut or attempt, self._random(), outcome.after)
        self._hold = delay if outcome.whole else 0.0
        self._store.happen(task, Event.DEFERRED, reason=why, delay=delay)
        self._log(f"{prefix}: attempt {attempt}: {why}; next in {delay:.0f} s")

    def _trouble(self, error: Unwritable) -> float:
        """Seconds to wait for the disk; said once per trouble."""
        self._failures += 1
        if self._failures == 1:
            self._log(f"{error}; trying again")
        return schedule.seconds(self._failures, self._random())
