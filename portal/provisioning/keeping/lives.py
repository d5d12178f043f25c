"""What is read of the records that are kept: their lives, their steps, their bytes.

Law: it changes nothing; whoever needs several answers of one moment asks within a snapshot.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from portal.provisioning.keeping import attempts
from portal.provisioning.keeping.body import whole
from portal.provisioning.life import DeliveryLife, Event, Life, State, Step, overall


def life(connection: sqlite3.Connection, id_: str) -> Life | None:
    """The life of the record called `id_`, or None."""
    rows = connection.execute(
        "SELECT name, state, attempts, reason, next_wall FROM delivery"
        " JOIN record ON seq = record WHERE id = ? ORDER BY position",
        (id_,),
    ).fetchall()
    lives = tuple(DeliveryLife(n, State(s), a, r, _moment(w)) for n, s, a, r, w in rows)
    join = attempts.join(connection, id_)
    if join is not None and not lives:
        lives = tuple(DeliveryLife(n, State.HELD, 0) for n in attempts.held(connection, id_))
    return Life(id_, overall(each.state for each in lives), lives, join) if lives else None


def steps(connection: sqlite3.Connection, id_: str) -> list[Step]:
    """What happened to the record called `id_`, delivery by delivery, oldest first."""
    rows = connection.execute(
        "SELECT delivery, event, step.state, attempt, step.reason, wall, monotonic, boot, is_set"
        " FROM step JOIN record ON seq = step.record"
        " JOIN delivery ON delivery.record = seq AND delivery.name = delivery"
        " WHERE id = ? ORDER BY position, n",
        (id_,),
    ).fetchall()
    return [
        Step(name, Event(event), State(state), attempt, reason, attempts.moment(*at))
        for name, event, state, attempt, reason, *at in rows
    ]


def body(connection: sqlite3.Connection, id_: str) -> bytes | None:
    """What is kept of the record called `id_`, or None."""
    rows = connection.execute("SELECT body FROM record WHERE id = ?", (id_,)).fetchall()
    return next((whole(found) for (found,) in rows), None)


def page(connection: sqlite3.Connection, seq: int, most: int) -> list[tuple[int, str, bytes]]:
    """Up to `most` records after `seq`, in order: seq, id, body."""
    rows = connection.execute(
        "SELECT seq, id, body FROM record WHERE seq > ? ORDER BY seq LIMIT ?", (seq, most)
    )
    return [(seq, id_, whole(kept)) for seq, id_, kept in rows.fetchall()]


def _moment(wall: str | None) -> Any:  # noqa: ANN401 - None only for a column that may be NULL
    return None if wall is None else datetime.fromisoformat(wall)
