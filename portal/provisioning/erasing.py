"""The SQL of secrets: what a sealing delivery gets, and what goes once nobody needs it any more.

Law: a body keeps its secrets while a join still needs them, or a delivery that gets them plain
has not got them. Then they are written over in the same transaction as the news; SQLite's
secure_delete leaves zeros.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from portal.provisioning.body import summed, whole
from portal.provisioning.record import Invalid, from_json, to_json
from portal.provisioning.withheld import bare


def put(connection: sqlite3.Connection, id_: str, boxes: Mapping[str, bytes]) -> None:
    """Keep what sealing deliveries get of a new record."""
    for name, body in boxes.items():
        connection.execute(
            "INSERT INTO box (record, name, body) SELECT seq, ?, ? FROM record WHERE id = ?"
            " ON CONFLICT DO NOTHING",
            (name, summed(body), id_),
        )


def erase(connection: sqlite3.Connection, seq: int) -> None:
    """Take out of a record what nobody needs any more."""
    connection.execute(
        "DELETE FROM box WHERE record = ? AND name IN"
        " (SELECT name FROM delivery WHERE record = ? AND state = 'delivered')",
        (seq, seq),
    )
    row = connection.execute(
        """
        SELECT body FROM record WHERE seq = ? AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE record = seq AND state != 'delivered'
                AND name NOT IN (SELECT name FROM box WHERE box.record = seq)
        ) AND NOT EXISTS (
            SELECT 1 FROM joining WHERE record = seq AND phase != 'connected'
        )
        """,
        (seq,),
    ).fetchone()
    if row is None:
        return
    try:
        record = from_json(whole(row[0]))
    except Invalid:
        return
    if record.sealed is None:
        body = summed(to_json(bare(record)))
        connection.execute("UPDATE record SET body = ? WHERE seq = ?", (body, seq))
