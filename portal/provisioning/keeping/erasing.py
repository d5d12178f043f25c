"""The SQL of secrets: what a sealing delivery gets, and what goes once nobody needs it any more.

Law: a body keeps its secrets while a join still needs them, or a delivery that gets them plain
has not got them. Then they are written over in the same transaction as the news; SQLite's
secure_delete leaves zeros. A join that failed keeps its own for an hour: "try again" needs them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from portal.provisioning.join import Phase
from portal.provisioning.keeping import attempts
from portal.provisioning.keeping.body import summed, whole
from portal.provisioning.life import Moment
from portal.provisioning.record import Invalid, from_json, to_json
from portal.provisioning.secrecy.withheld import bare

# Seconds.
KEPT: Final = 3_600.0


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
    if row is not None:
        _bare(connection, seq, row[0])


def _bare(connection: sqlite3.Connection, seq: int, kept: bytes) -> None:
    try:
        record = from_json(whole(kept))
    except Invalid:
        return
    if record.sealed is None:
        body = summed(to_json(bare(record)))
        connection.execute("UPDATE record SET body = ? WHERE seq = ?", (body, seq))


def lapse(connection: sqlite3.Connection, at: Moment) -> float | None:
    """Erase what attempts that failed an hour ago have kept; seconds until more is to be done.

    Nothing of another boot is younger than this boot. The last attempt of all, if nobody saw its
    end, is spared: what the radio has kept may still prove it good (`portal.joining.driver`).
    """
    rows = connection.execute(
        """
        SELECT seq, body, joining.phase, id, ? - CASE WHEN boot = ? THEN monotonic ELSE 0 END
        FROM joining JOIN record ON seq = joining.record JOIN turn ON turn.record = seq
        WHERE joining.phase IN ('failed', 'interrupted')
            AND n = (SELECT max(n) FROM turn WHERE turn.record = seq)
        """,
        (at.monotonic, at.boot),
    ).fetchall()
    latest, left = attempts.latest(connection), [KEPT]
    for seq, body, phase, id_, age in rows:
        if phase == Phase.INTERRUPTED and id_ == latest:
            continue
        if age >= KEPT:
            _bare(connection, seq, body)
        else:
            left.append(KEPT - age)
    return min(left) if len(left) > 1 else None
