"""The database's shape, and how an older one becomes it.

Law: a published step is never edited; a change of shape is a new step. `user_version` counts
the steps taken. Before an existing database is changed, a copy of it is kept beside it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

# A delivery's next try is kept by boot and monotonic seconds, which no clock change can
# move, and by wall time for people. `n` counts a delivery's steps.
_FIRST: Final = (
    """
    CREATE TABLE record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        body BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE delivery (
        record INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('accepted', 'delivering', 'waiting', 'delivered', 'rejected', 'dead')),
        attempts INTEGER NOT NULL DEFAULT 0,
        reason TEXT,
        next_wall TEXT,
        next_monotonic REAL,
        next_boot TEXT,
        PRIMARY KEY (record, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX pending ON delivery (record, position)
        WHERE state IN ('accepted', 'delivering', 'waiting')
    """,
    """
    CREATE TABLE step (
        record INTEGER NOT NULL,
        delivery TEXT NOT NULL,
        n INTEGER NOT NULL,
        event TEXT NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        reason TEXT,
        wall TEXT NOT NULL,
        monotonic REAL NOT NULL,
        boot TEXT NOT NULL,
        PRIMARY KEY (record, delivery, n),
        FOREIGN KEY (record, delivery) REFERENCES delivery ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
)

# A record whose network is to prove itself has its deliveries in `held` until then. Its join's
# turns are kept apart from the steps of deliveries, which do not exist yet.
_JOINS: Final = (
    """
    CREATE TABLE held (
        record INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (record, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE joining (
        record INTEGER PRIMARY KEY REFERENCES record ON DELETE CASCADE,
        phase TEXT NOT NULL CHECK (phase IN
            ('waiting', 'trying', 'connected', 'failed', 'interrupted')),
        attempts INTEGER NOT NULL DEFAULT 0,
        outcome TEXT,
        step TEXT,
        detail TEXT
    ) STRICT
    """,
    """
    CREATE INDEX to_join ON joining (record) WHERE phase IN ('waiting', 'trying')
    """,
    """
    CREATE TABLE turn (
        record INTEGER NOT NULL REFERENCES joining ON DELETE CASCADE,
        n INTEGER NOT NULL,
        turn TEXT NOT NULL,
        phase TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        outcome TEXT,
        step TEXT,
        wall TEXT NOT NULL,
        monotonic REAL NOT NULL,
        boot TEXT NOT NULL,
        PRIMARY KEY (record, n)
    ) STRICT, WITHOUT ROWID
    """,
)

# What a sealing delivery gets of a record, in place of the record's own body. What happened to a
# damaged file is told until the file is gone.
_BOXES: Final = (
    """
    CREATE TABLE box (
        record INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
        name TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (record, name)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE incident (
        n INTEGER PRIMARY KEY,
        wall TEXT NOT NULL,
        aside TEXT NOT NULL,
        why TEXT NOT NULL,
        kept INTEGER NOT NULL,
        lost INTEGER NOT NULL
    ) STRICT
    """,
)

# Whether something vouched for the wall clock at a step (`clock`); NULL in those from before.
_CLOCKS: Final = (
    "ALTER TABLE step ADD COLUMN is_set INTEGER CHECK (is_set IN (0, 1))",
    "ALTER TABLE turn ADD COLUMN is_set INTEGER CHECK (is_set IN (0, 1))",
)

STEPS: Final[Sequence[Sequence[str]]] = (_FIRST, _JOINS, _BOXES, _CLOCKS)

# Versions beyond this are no program's: the number itself is damaged.
_MOST_VERSIONS: Final = 1_000


class Misshapen(Exception):  # noqa: N818 - named for what the file is
    """The database has not the shape that its version has."""


class TooNew(Exception):  # noqa: N818 - named for what the file is
    """The database was written by a later version of this program."""


def migrate(
    connection: sqlite3.Connection, path: Path, steps: Sequence[Sequence[str]] = STEPS
) -> None:
    """Bring the open database at `path` to the last of `steps`, in one transaction.

    An existing one is copied first to `path` with ".v" and its version at the end.
    Raises `TooNew`, `Misshapen`, sqlite3.Error.
    """
    if _version(connection) == len(steps):
        return
    # Another process may be here too: the lock first, then look again.
    connection.execute("BEGIN IMMEDIATE")
    version = _version(connection)
    if not 0 <= version < _MOST_VERSIONS:
        connection.execute("ROLLBACK")
        raise Misshapen(f"its version is {version}")
    if version > len(steps):
        connection.execute("ROLLBACK")
        raise TooNew(f"its version is {version}, this program knows {len(steps)}")
    if 0 < version < len(steps):
        _keep(path, path.with_name(f"{path.name}.v{version}"))
    for statements in steps[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(steps)}")
    connection.execute("COMMIT")


def shape(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Every table and index of ours: kind, name, and the words that made it."""
    return connection.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether a database of some version of ours has its version's shape. Raises sqlite3.Error."""
    version = _version(connection)
    if not len(STEPS) >= version >= 0:
        # A later program's, which `migrate` refuses, or nobody's.
        return 0 < version < _MOST_VERSIONS
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statements in STEPS[:version]:
            for statement in statements:
                fresh.execute(statement)
        return shape(connection) == shape(fresh)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _keep(path: Path, copy: Path) -> None:
    """Copy the committed database to `copy`, 0600, synced."""
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    if os.geteuid() == 0:
        # An operator's command may be what comes first; whoever delivers erases it.
        found = path.stat()
        os.chown(copy, found.st_uid, found.st_gid)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def forget_copies(path: Path) -> None:
    """Remove what `migrate` kept: once a delivery has come to its end in the new shape.

    A copy has secrets that are erased afterwards; it is written over first. What the disk refuses
    is tried again at the next delivery.
    """
    for copy in path.parent.glob(f"{path.name}.v*"):
        with suppress(OSError):
            with copy.open("r+b") as file:
                left = copy.stat().st_size
                while left > 0:
                    left -= file.write(bytes(min(left, 1 << 16)))
                file.flush()
                os.fsync(file.fileno())
            copy.unlink()
