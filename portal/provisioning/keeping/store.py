"""Where records are kept: on the disk before anybody is told so, until they have arrived.

Law: `accept` returns only after the commit. One connection writes, one reads; both are
reopened after any failure.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

from portal.provisioning.join import Turn
from portal.provisioning.keeping import attempts, erasing, lives, migrations, tables
from portal.provisioning.keeping.attempts import Attempt
from portal.provisioning.keeping.commit import GroupCommit, Unfinished
from portal.provisioning.keeping.database import Database, Unwritable
from portal.provisioning.keeping.room import DEFAULT, Full, Limits, make_room
from portal.provisioning.keeping.tables import Task
from portal.provisioning.life import Event, Life, Moment, Step, Told
from portal.provisioning.moments import clock
from portal.provisioning.moments.dating import Dating
from portal.provisioning.record import Invalid, Record, from_json, to_json
from portal.provisioning.repair.incident import Incident, told
from portal.provisioning.repair.mending import Mending
from portal.provisioning.secrecy import withheld

__all__ = ["Attempt", "Entry", "Full", "Limits", "Store", "Task", "Unwritable"]

_PAGE: Final = 200
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept record and its life; `record` is None where its bytes are damaged."""

    life: Life
    record: Record | None


@dataclass(frozen=True, slots=True)
class _Submission:
    id: str
    bodies: tuple[bytes, ...]
    deliveries: tuple[str, ...]
    boxes: Mapping[str, bytes]
    joins: bool


class Store:
    """The records in the SQLite database at `path`, for any number of threads.

    Opened at first use, so that a portal can start on a disk that is in trouble and answer
    so. Every method raises `Unwritable`. `clock()` gives the moment each step is kept with.
    A file found damaged is replaced by what can be read of it (`recovery`), and `log` told;
    `names` are the settings' deliveries, to which a record goes whose own cannot be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], Moment] = clock.now,
        limits: Limits = DEFAULT,
        names: Sequence[str] = (),
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._path = path
        self._clock = clock
        self._limits = limits
        self._mending = Mending(path, names, clock, log)
        self._writer = Database(path, self._mending.mend)
        self._reader = Database(path, self._mending.mend)
        self._commits = GroupCommit(self._commit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; a later use opens it again."""
        self._writer.close()
        self._reader.close()

    # --- a damaged file ------------------------------------------------------------------

    def check(self) -> None:
        """Look the whole file over, as at a start, and put right what is damaged."""
        self._mending.check()

    def incidents(self) -> list[Incident]:
        """The damaged files that have been set aside and are still there, oldest first."""
        with self._reader.use() as connection:
            found = told(connection)
        return [each for each in found if self._path.with_name(each.aside).exists()]

    # --- the portal's side ---------------------------------------------------------------

    def accept(
        self,
        record: Record,
        deliveries: Sequence[str],
        *,
        joins: bool = False,
        boxes: Mapping[str, Record] = MappingProxyType({}),
    ) -> None:
        """Keep `record` for the named deliveries, in that order: durable on return.

        With `joins` they are held until its network has proven itself. `boxes` are sealed forms
        by delivery; where every delivery has one, the secrets are not written. Accepting the
        same record again changes nothing. Raises `Full`, `Unwritable`.
        """
        if not deliveries:
            raise ValueError("a record without a delivery would never leave the store")
        try:
            names, bare = tuple(deliveries), to_json(withheld.bare(record))
            bodies = (bare,) if boxes.keys() >= set(names) else (to_json(record), bare)
            sealed = {name: to_json(boxes[name]) for name in names if name in boxes}
            self._commits.submit(_Submission(record.id, bodies, names, sealed, joins))
        except Unfinished as error:
            raise Unwritable("the commit did not end") from error

    def _commit(self, batch: Sequence[_Submission]) -> list[Exception | None]:
        """Commit what has room; for each, None or why not."""
        at = self._clock()
        try:
            with self._writer.transaction() as connection:
                answers = [self._insert(connection, each, at) for each in batch]
        except Unwritable as error:
            return [error] * len(batch)
        return answers

    def _insert(
        self, connection: sqlite3.Connection, each: _Submission, at: Moment
    ) -> Exception | None:
        full = make_room(connection, self._limits)
        if full:
            return full
        if not tables.insert(
            connection, each.id, each.bodies, each.deliveries, at, joins=each.joins
        ):
            return ValueError(f"another record is called {each.id}")
        erasing.put(connection, each.id, each.boxes)
        return None

    def state(self, id: str) -> Life | None:  # noqa: A002 - the record's own word
        """What has become of the record called `id`, or None where there is none."""
        with self._reader.snapshot() as connection:
            return lives.life(connection, id)

    def record(self, id: str) -> Record | None:  # noqa: A002 - the record's own word
        """The record called `id` itself, secrets and all; None where there is none to be read."""
        with self._reader.use() as connection:
            body = lives.body(connection, id)
        return None if body is None else _read(body)

    # --- the joining's side --------------------------------------------------------------

    def unsettled(self) -> list[Attempt]:
        """The records whose join is to come or under way, oldest first."""
        with self._reader.use() as connection:
            return attempts.unsettled(connection)

    def turn(
        self,
        id: str,  # noqa: A002 - the record's own word
        turn: Turn,
        *,
        outcome: str | None = None,
        step: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> bool:
        """Let `turn` happen to a record's join, durably; False where it has no effect any more.

        With `Turn.CONNECTED` its deliveries are released in the same transaction.
        """
        with self._writer.transaction() as connection:
            at, seq = self._clock(), attempts.number(connection, id)
            if seq is None or not attempts.happen(
                connection, seq, turn, at, outcome=outcome, step=step, detail=detail
            ):
                return False
            if turn is Turn.CONNECTED:
                tables.release(connection, seq, at)
                erasing.erase(connection, seq)
            return True

    def latest(self) -> Life | None:
        """The record that was last to be joined, or None."""
        with self._reader.snapshot() as connection:
            id_ = attempts.latest(connection)
            return None if id_ is None else lives.life(connection, id_)

    def turns(self, id: str) -> list[Told]:  # noqa: A002 - the record's own word
        """What happened to the join of the record called `id`."""
        with self._reader.use() as connection:
            return attempts.turns(connection, id)

    # --- the operator's side -------------------------------------------------------------

    def records(self) -> Iterator[Entry]:
        """Every kept record in the order of acceptance, a page of them in memory at a time."""
        seq = 0
        while True:
            with self._reader.snapshot() as connection:
                rows = lives.page(connection, seq, _PAGE)
                found = [lives.life(connection, id_) for _, id_, _ in rows]
            for (_, _, body), life in zip(rows, found, strict=True):
                if life is not None:
                    yield Entry(life, _read(body))
            if len(rows) < _PAGE:
                return
            seq = rows[-1][0]

    def dating(self) -> Dating:
        """What dates the moments of a clock that had not been set: this boot, if it is set now."""
        with self._reader.use() as connection:
            return Dating([*attempts.dated(connection), self._clock()])

    def amend(self, act: Callable[[sqlite3.Connection, Moment], Answer]) -> Answer:
        """Let an operator change what is kept, durably (`amending`)."""
        with self._writer.transaction() as connection:
            return act(connection, self._clock())

    def steps(self, id: str) -> list[Step]:  # noqa: A002 - the record's own word
        """What happened to the record called `id`, delivery by delivery."""
        with self._reader.use() as connection:
            return lives.steps(connection, id)

    # --- the delivery's side -------------------------------------------------------------

    def due(self, names: Sequence[str]) -> Task | None:
        """The next of the named deliveries whose time has come."""
        with self._reader.use() as connection:
            return tables.due(connection, names, self._clock())

    def soonest(self, names: Sequence[str]) -> float | None:
        """Seconds until one of the named deliveries is due; None where none will be."""
        with self._reader.use() as connection:
            return tables.soonest(connection, names, self._clock())

    def unclaimed(self, names: Sequence[str]) -> dict[str, int]:
        """Pending deliveries by name, for every name but these."""
        with self._reader.use() as connection:
            return tables.unclaimed(connection, names)

    def happen(
        self, task: Task, event: Event, *, reason: str | None = None, delay: float | None = None
    ) -> bool:
        """Let `event` happen to a delivery, durably; False where it has no effect any more."""
        with self._writer.transaction() as connection:
            at = self._clock()
            kept = tables.happen(connection, task, event, at, reason=reason, delay=delay)
            if kept and event is Event.DELIVERED:
                erasing.erase(connection, task.seq)
        if kept and event is Event.DELIVERED:
            # Of before this program was there: they hold what is erased here.
            migrations.forget_copies(self._path)
        return kept

    def hasten(self, names: Sequence[str]) -> None:
        """Let what waits under these names be due now."""
        with self._writer.transaction() as connection:
            tables.hasten(connection, names, self._clock())

    def interrupt(self, delay: Callable[[int], float], names: Sequence[str]) -> list[Task]:
        """End every attempt of these names that never ended; `delay(attempts)`: seconds until
        its next try.
        """
        with self._writer.transaction() as connection:
            at = self._clock()
            tasks = [task for task in tables.under_way(connection) if task.name in names]
            for task in tasks:
                again = delay(task.attempts)
                tables.happen(
                    connection, task, Event.INTERRUPTED, at, reason=INTERRUPTED, delay=again
                )
        return tasks


INTERRUPTED: Final = "the attempt was cut short"


def _read(body: bytes) -> Record | None:
    try:
        return from_json(body)
    except Invalid:
        return None
