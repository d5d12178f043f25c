"""What happened to a damaged database: told until its file is gone."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incident:
    """A file was damaged: when (UTC), what it is called now, why it was thought so; how many
    records were kept, and how many that are known to have been there cannot be read.
    """

    at: str
    aside: str
    why: str
    kept: int
    lost: int

    def __str__(self) -> str:
        return (
            f"the database was damaged ({self.why}) and is now {self.aside}: "
            f"{self.kept:,} records kept, {self.lost:,} lost"
        )


def note(connection: sqlite3.Connection, incident: Incident) -> None:
    """Keep what happened to a damaged file."""
    connection.execute(
        "INSERT INTO incident (wall, aside, why, kept, lost) VALUES (?, ?, ?, ?, ?)",
        (incident.at, incident.aside, incident.why, incident.kept, incident.lost),
    )


def told(connection: sqlite3.Connection) -> list[Incident]:
    """What happened to damaged files, oldest first."""
    rows = connection.execute("SELECT wall, aside, why, kept, lost FROM incident ORDER BY n")
    return [Incident(*row) for row in rows.fetchall()]
