"""The SQL of deliveries: how they begin, what happens to them, and whose turn it is.

Law: every change of a delivery's state goes through `happen`, which asks the table in
`life`, and leaves a step behind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from portal.provisioning.keeping import attempts
from portal.provisioning.keeping.body import summed, whole
from portal.provisioning.life import Event, Moment, State, after
from portal.provisioning.record import timestamp

# Steps kept of one delivery: its first, and the last of these. At one try an hour that is
# two days of detail, and a bound on what a backend that is down for a month can fill.
STEPS_KEPT: Final = 100

# Written out as in the index `pending`, which SQLite uses only where it sees its own words.
_PENDING: Final = "delivery.state IN ('accepted', 'delivering', 'waiting')"

# What a delivery gets: the record, or its own sealed form of it.
_BODY: Final = (
    "ifnull((SELECT box.body FROM box WHERE box.record = seq AND box.name = delivery.name),"
    " record.body)"
)


@dataclass(frozen=True, slots=True)
class Task:
    """One delivery whose turn it is: the record as stored, and the attempts so far."""

    seq: int
    id: str
    body: bytes
    name: str
    attempts: int


def insert(
    connection: sqlite3.Connection,
    id_: str,
    bodies: Sequence[bytes],
    names: Sequence[str],
    at: Moment,
    *,
    joins: bool = False,
) -> bool:
    """Keep a record with its deliveries, held where its network `joins` first.

    `bodies` are the record's own in each of its forms, the first of which is kept. One that is
    there already stays as it is. False where another record has the same id, which is then not
    kept.
    """
    row = connection.execute(
        "INSERT INTO record (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING seq",
        (id_, summed(bodies[0])),
    ).fetchone()
    if row is None:
        there = connection.execute("SELECT body FROM record WHERE id = ?", (id_,)).fetchone()
        return whole(there[0]) in bodies
    if joins:
        attempts.insert(connection, row[0], names, at)
    else:
        begin(connection, row[0], names, Event.ACCEPTED, at)
    return True


def begin(
    connection: sqlite3.Connection, seq: int, names: Sequence[str], event: Event, at: Moment
) -> None:
    """Let further deliveries of a record begin, behind those it has."""
    there = _number(
        connection, "SELECT ifnull(max(position) + 1, 0) FROM delivery WHERE record = ?", seq
    )
    for position, name in enumerate(names, there):
        _begin(connection, seq, name, position, event, at)


def release(connection: sqlite3.Connection, seq: int, at: Moment) -> None:
    """Begin the deliveries that were held."""
    for name, position in attempts.let_go(connection, seq):
        _begin(connection, seq, name, position, Event.RELEASED, at)


def _begin(
    connection: sqlite3.Connection, seq: int, name: str, position: int, event: Event, at: Moment
) -> None:
    connection.execute(
        "INSERT INTO delivery (record, name, position, state) VALUES (?, ?, ?, ?)",
        (seq, name, position, State.ACCEPTED),
    )
    _step(connection, (seq, name, event, State.ACCEPTED, 0, None), at)


def happen(
    connection: sqlite3.Connection,
    task: Task,
    event: Event,
    at: Moment,
    *,
    reason: str | None = None,
    delay: float | None = None,
) -> bool:
    """Let `event` happen to a delivery; False where its life's table gives it no effect.

    `delay`: seconds until the next try, where the event leads to one.
    """
    was = connection.execute(
        "SELECT state, attempts, reason FROM delivery WHERE record = ? AND name = ?",
        (task.seq, task.name),
    ).fetchone()
    state = after(State(was[0]), event) if was else None
    if state is None:
        return False
    begun = event is Event.BEGUN
    attempts = was[1] + begun
    connection.execute(
        "UPDATE delivery SET state = ?, attempts = ?, reason = ?,"
        " next_wall = ?, next_monotonic = ?, next_boot = ? WHERE record = ? AND name = ?",
        (state, attempts, was[2] if begun else reason, *_next(at, delay), task.seq, task.name),
    )
    _step(connection, (task.seq, task.name, event, state, attempts, reason), at)
    return True


def _next(at: Moment, delay: float | None) -> tuple[str | None, float | None, str | None]:
    if delay is None:
        return None, None, None
    return timestamp(at.wall + timedelta(seconds=delay)), at.monotonic + delay, at.boot


def _step(connection: sqlite3.Connection, step: tuple[Any, ...], at: Moment) -> None:
    seq, name = step[:2]
    n = _number(
        connection, "SELECT ifnull(max(n), 0) + 1 FROM step WHERE record = ? AND delivery = ?",
        seq, name,
    )  # fmt: skip
    connection.execute(
        "INSERT INTO step (n, record, delivery, event, state, attempt, reason, wall, monotonic,"
        " boot, is_set) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (n, *step, *attempts.columns(at)),
    )
    connection.execute(
        "DELETE FROM step WHERE record = ? AND delivery = ? AND n > 1 AND n <= ?",
        (seq, name, n - STEPS_KEPT),
    )


def due(connection: sqlite3.Connection, names: Sequence[str], at: Moment) -> Task | None:
    """The first delivery, in the order of records, whose time has come.

    One that waits since before this boot is due: its monotonic seconds say nothing now.
    """
    row = connection.execute(
        f"""
        SELECT seq, id, {_BODY}, name, attempts FROM delivery JOIN record ON seq = record
        WHERE {_PENDING} AND name IN ({_marks(names)}) AND (state = 'accepted' OR
            (state = 'waiting' AND (next_boot IS NOT ? OR next_monotonic <= ?)))
        ORDER BY record, position LIMIT 1
        """,  # noqa: S608 - only question marks and our own words are put in
        (*names, at.boot, at.monotonic),
    ).fetchone()
    return _task(row) if row else None


def _task(row: tuple[Any, ...]) -> Task:
    seq, id_, kept, name, attempts = row
    return Task(seq, id_, whole(kept), name, attempts)


def soonest(connection: sqlite3.Connection, names: Sequence[str], at: Moment) -> float | None:
    """Seconds until a delivery is due (0 for now), or None where none will be.

    What another deliverer has under way is its own to end.
    """
    row = connection.execute(
        f"""
        SELECT count(*), min(CASE WHEN state = 'waiting' AND next_boot IS ?
                             THEN next_monotonic ELSE 0 END)
        FROM delivery WHERE {_PENDING} AND state != 'delivering' AND name IN ({_marks(names)})
        """,  # noqa: S608 - see `due`
        (at.boot, *names),
    ).fetchone()
    return max(0.0, row[1] - at.monotonic) if row[0] else None


def hasten(connection: sqlite3.Connection, names: Sequence[str], at: Moment) -> None:
    """Let what waits under these names be due at `at`."""
    connection.execute(
        f"""
        UPDATE delivery SET next_wall = ?, next_monotonic = ?, next_boot = ?
        WHERE state = 'waiting' AND name IN ({_marks(names)})
        """,  # noqa: S608 - see `due`
        (*_next(at, 0.0), *names),
    )


def under_way(connection: sqlite3.Connection) -> list[Task]:
    """Every delivery with an attempt begun and not ended, in order."""
    rows = connection.execute(
        f"""
        SELECT seq, id, body, name, attempts FROM delivery JOIN record ON seq = record
        WHERE {_PENDING} AND state = 'delivering' ORDER BY record, position
        """  # noqa: S608 - see `due`
    )
    return [_task(row) for row in rows.fetchall()]


def unclaimed(connection: sqlite3.Connection, names: Sequence[str]) -> dict[str, int]:
    """How many deliveries are pending under names other than these."""
    rows = connection.execute(
        f"""
        SELECT name, count(*) FROM delivery
        WHERE {_PENDING} AND name NOT IN ({_marks(names)}) GROUP BY name
        """,  # noqa: S608 - see `due`
        names,
    )
    return dict(rows.fetchall())


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _number(connection: sqlite3.Connection, query: str, *arguments: object) -> int:
    return int(connection.execute(query, arguments).fetchone()[0])
