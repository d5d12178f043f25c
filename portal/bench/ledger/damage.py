"""Whether a database is one of ours any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def is_damaged(path: Path) -> bool:
    """Whether the file at `path` is damaged; reads all of it.

    Raises OSError, sqlite3.OperationalError where the disk is in trouble, not the file.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return True
    return found != "ok" or not {"job", "device", "event", "parcel"} <= names
