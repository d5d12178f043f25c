"""The SQL of an operator's second thoughts: what is offered once more, what is forgotten.

Law: a record that may still arrive by itself is never forgotten, whoever asks; what is, is
written over by SQLite's secure_delete in the same transaction. Both go by the tables of `life`
and `join`, so that a deliverer at work beside us cannot be surprised.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from portal.provisioning.join import VAIN, Phase
from portal.provisioning.keeping import tables
from portal.provisioning.life import ENDED, Event, Moment, State

UNKNOWN: Final = "no record is called so"


def refused(connection: sqlite3.Connection, name: str = "") -> list[str]:
    """The ids of the records that a delivery (the one called `name`) has rejected, oldest first."""
    rows = connection.execute(
        "SELECT DISTINCT id FROM delivery JOIN record ON seq = record"
        " WHERE state = 'rejected' AND (? = '' OR name = ?) ORDER BY seq",
        (name, name),
    )
    return [id_ for (id_,) in rows.fetchall()]


def retry(connection: sqlite3.Connection, id_: str, at: Moment, name: str = "") -> list[str]:
    """Let a record's rejected or dead deliveries (the one called `name`) be due now; their names.

    The attempts go on where they were, under the same id.
    """
    rows = connection.execute(
        "SELECT seq, delivery.name, attempts FROM delivery JOIN record ON seq = record"
        " WHERE id = ? AND (? = '' OR name = ?) ORDER BY position",
        (id_, name, name),
    ).fetchall()
    tasks = [tables.Task(seq, id_, b"", each, attempts) for seq, each, attempts in rows]
    return [
        task.name for task in tasks if tables.happen(connection, task, Event.RETRIED, at, delay=0.0)
    ]


def forget(connection: sqlite3.Connection, id_: str) -> str | None:
    """Forget a record, all of it; None where that was done, else why not, in words."""
    row = connection.execute("SELECT seq FROM record WHERE id = ?", (id_,)).fetchone()
    if row is None:
        return UNKNOWN
    why = _pending(connection, row[0])
    if why is None:
        connection.execute("DELETE FROM record WHERE seq = ?", row)
    return why


def _pending(connection: sqlite3.Connection, seq: int) -> str | None:
    """What is still to come of a record, in words."""
    deliveries = connection.execute(
        "SELECT name, state FROM delivery WHERE record = ? ORDER BY position", (seq,)
    ).fetchall()
    for name, state in deliveries:
        if State(state) not in ENDED:
            return f'its delivery "{name}" is still to come'
    join = connection.execute("SELECT phase FROM joining WHERE record = ?", (seq,)).fetchone()
    if join and not deliveries and Phase(join[0]) not in VAIN:
        return "its network is still to be joined"
    return None
