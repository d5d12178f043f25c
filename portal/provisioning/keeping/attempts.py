"""The SQL of joins: what is read from and written to an open transaction.

Law: every change of a join's phase goes through `happen`, which asks the table in `join`, and
leaves a turn behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portal.provisioning.join import Join, Phase, Turn, after
from portal.provisioning.keeping.body import whole
from portal.provisioning.life import Moment, Told
from portal.provisioning.record import timestamp

# Turns kept of one join: its first, and the last of these.
TURNS_KEPT: Final = 50

# Written out as in the index `to_join`, which SQLite uses only where it sees its own words.
_OPEN: Final = "joining.phase IN ('waiting', 'trying')"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A record whose network is to be joined: as stored, and where its join stands."""

    seq: int
    id: str
    body: bytes
    phase: Phase


def insert(connection: sqlite3.Connection, seq: int, names: Sequence[str], at: Moment) -> None:
    """Put a new record in line, its deliveries held."""
    _hold(connection, seq, names)
    connection.execute("INSERT INTO joining (record, phase) VALUES (?, ?)", (seq, Phase.WAITING))
    _turn(connection, seq, (Turn.ASKED, Phase.WAITING, 0, None, None), at)


def hold(connection: sqlite3.Connection, seq: int, names: Sequence[str], at: Moment) -> None:
    """Hold further deliveries of a record off a damaged file; whose join is not known any more
    was interrupted.
    """
    _hold(connection, seq, names)
    added = connection.execute(
        "INSERT INTO joining (record, phase) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1",
        (seq, Phase.INTERRUPTED),
    ).fetchone()
    if added:
        _turn(connection, seq, (Turn.INTERRUPTED, Phase.INTERRUPTED, 0, None, None), at)


def _hold(connection: sqlite3.Connection, seq: int, names: Sequence[str]) -> None:
    (there,) = connection.execute(
        "SELECT ifnull(max(position) + 1, 0) FROM held WHERE record = ?", (seq,)
    ).fetchone()
    for position, name in enumerate(names, there):
        connection.execute(
            "INSERT INTO held (record, name, position) VALUES (?, ?, ?)", (seq, name, position)
        )


def let_go(connection: sqlite3.Connection, seq: int) -> list[tuple[str, int]]:
    """Take the held deliveries out: name and position of each."""
    return connection.execute(
        "DELETE FROM held WHERE record = ? RETURNING name, position", (seq,)
    ).fetchall()


def held(connection: sqlite3.Connection, id_: str) -> list[str]:
    """The names of a record's held deliveries, in their order."""
    rows = connection.execute(
        "SELECT name FROM held JOIN record ON seq = record WHERE id = ? ORDER BY position", (id_,)
    )
    return [name for (name,) in rows.fetchall()]


def happen(  # noqa: PLR0913 - an outcome has these parts
    connection: sqlite3.Connection,
    seq: int,
    turn: Turn,
    at: Moment,
    *,
    outcome: str | None = None,
    step: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> bool:
    """Let `turn` happen to a join; False where its table gives it no effect."""
    was = connection.execute(
        "SELECT phase, attempts FROM joining WHERE record = ?", (seq,)
    ).fetchone()
    phase = after(Phase(was[0]), turn) if was else None
    if phase is None:
        return False
    attempts = was[1] + {Turn.BEGUN: 1, Turn.PUT_OFF: -1}.get(turn, 0)
    connection.execute(
        "UPDATE joining SET phase = ?, attempts = ?, outcome = ?, step = ?, detail = ?"
        " WHERE record = ?",
        (phase, attempts, outcome, step, json.dumps(dict(detail)) if detail else None, seq),
    )
    _turn(connection, seq, (turn, phase, attempts, outcome, step), at)
    return True


def _turn(connection: sqlite3.Connection, seq: int, told: tuple[Any, ...], at: Moment) -> None:
    (n,) = connection.execute(
        "SELECT ifnull(max(n), 0) + 1 FROM turn WHERE record = ?", (seq,)
    ).fetchone()
    connection.execute(
        "INSERT INTO turn (record, n, turn, phase, attempt, outcome, step, wall, monotonic, boot,"
        " is_set) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (seq, n, *told, *columns(at)),
    )
    connection.execute(
        "DELETE FROM turn WHERE record = ? AND n > 1 AND n <= ?", (seq, n - TURNS_KEPT)
    )


def unsettled(connection: sqlite3.Connection) -> list[Attempt]:
    """Every record whose join is still to come or under way, oldest first."""
    rows = connection.execute(
        f"""
        SELECT seq, id, body, phase FROM joining JOIN record ON seq = record
        WHERE {_OPEN} ORDER BY record
        """  # noqa: S608 - only our own words are put in
    )
    return [
        Attempt(seq, id_, whole(body), Phase(phase)) for seq, id_, body, phase in rows.fetchall()
    ]


def number(connection: sqlite3.Connection, id_: str) -> int | None:
    """The `seq` of the record called `id_` that has a join, or None."""
    row = connection.execute(
        "SELECT seq FROM joining JOIN record ON seq = record WHERE id = ?", (id_,)
    ).fetchone()
    return row[0] if row else None


def latest(connection: sqlite3.Connection) -> str | None:
    """The id of the record that something last happened to on the way to its network."""
    row = connection.execute(
        "SELECT id FROM turn JOIN record ON seq = record ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return row[0] if row else None


def join(connection: sqlite3.Connection, id_: str) -> Join | None:
    """Where the join of the record called `id_` stands, or None where it has none."""
    row = connection.execute(
        "SELECT joining.phase, attempts, joining.outcome, joining.step, detail, wall, is_set"
        " FROM joining JOIN record ON seq = joining.record"
        " LEFT JOIN turn ON turn.record = seq WHERE id = ? ORDER BY n DESC LIMIT 1",
        (id_,),
    ).fetchone()
    if row is None:
        return None
    phase, attempts, outcome, step, detail, wall, is_set = row
    told = json.loads(detail) if detail else {}
    at = datetime.fromisoformat(wall) if wall else None
    known = None if is_set is None else bool(is_set)
    return Join(Phase(phase), attempts, outcome, step, told, at, known)


def turns(connection: sqlite3.Connection, id_: str) -> list[Told]:
    """What happened to the join of the record called `id_`, oldest first."""
    rows = connection.execute(
        "SELECT turn, phase, attempt, outcome, step, wall, monotonic, boot, is_set"
        " FROM turn JOIN record ON seq = record WHERE id = ? ORDER BY n",
        (id_,),
    ).fetchall()
    return [
        Told(Turn(turn), Phase(phase), attempt, outcome, step, moment(*at))
        for turn, phase, attempt, outcome, step, *at in rows
    ]


def columns(at: Moment) -> tuple[str, float, str, bool | None]:
    """A moment as it is kept."""
    return timestamp(at.wall), at.monotonic, at.boot, at.is_set


def moment(wall: str, monotonic: float, boot: str, is_set: int | None) -> Moment:
    """The moment that was kept so."""
    known = None if is_set is None else bool(is_set)
    return Moment(datetime.fromisoformat(wall), monotonic, boot, known)


def dated(connection: sqlite3.Connection) -> list[Moment]:
    """The last moment of each boot at which the wall clock had been set."""
    # SQLite takes the bare columns from the row of the maximum (lang_select.html 2.4).
    rows = connection.execute(
        "SELECT wall, max(monotonic), boot, is_set FROM"
        " (SELECT wall, monotonic, boot, is_set FROM step WHERE is_set"
        " UNION ALL SELECT wall, monotonic, boot, is_set FROM turn WHERE is_set) GROUP BY boot"
    )
    return [moment(*row) for row in rows.fetchall()]
