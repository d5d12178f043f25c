"""How much the store holds, and what makes room when it is full: history, never what waits."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final


class Full(Exception):  # noqa: N818 - named for what the store is
    """As many undelivered records wait as the store may hold; none of them is dropped.

    Attempts that failed make room, oldest first, as delivered records do.
    """


@dataclass(frozen=True, slots=True)
class Limits:
    """How many records, and how many bytes of database."""

    records: int = 10_000
    size: int = 64 * 1024 * 1024


DEFAULT: Final = Limits()


def make_room(connection: sqlite3.Connection, limits: Limits) -> Full | None:
    """Forget what has arrived or failed, oldest first, only where room is needed."""
    while True:
        records, size = used(connection)
        if records < limits.records and size < limits.size:
            return None
        if not forget_settled(connection):
            return Full(f"{records:,} records wait for their delivery, in {size:,} bytes")


def used(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many records there are, and how many bytes the database needs."""
    return (
        _number(connection, "SELECT count(*) FROM record"),
        (_number(connection, "PRAGMA page_count") - _number(connection, "PRAGMA freelist_count"))
        * _number(connection, "PRAGMA page_size"),
    )


def forget_settled(connection: sqlite3.Connection) -> bool:
    """Forget the oldest record that all its backends have, or attempt that failed, if any."""
    cursor = connection.execute(
        """
        DELETE FROM record WHERE seq = (
            SELECT seq FROM record WHERE NOT EXISTS (
                SELECT 1 FROM delivery WHERE record = seq AND state != 'delivered'
            ) AND NOT EXISTS (
                SELECT 1 FROM joining WHERE record = seq AND phase IN ('waiting', 'trying')
            ) ORDER BY seq LIMIT 1
        )
        """
    )
    return cursor.rowcount > 0


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
