"""What is wrong with a database: its pages, its tables, and rows that we would not have written.

Law: it reads and changes nothing. A disk that is in trouble is no fault of the file's.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from portal.provisioning.keeping import making
from portal.provisioning.keeping.migrations import is_ours, shape

# SQLITE_ERROR: our own words, which are tried, mean nothing in this file.
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


def fault(path: Path) -> str | None:
    """What is wrong with the database at `path`, None where nothing is.

    Reads all of it: 12 to 30 ms for 1,000 records. Raises sqlite3.Error, OSError where the disk
    is in trouble, not the file.
    """
    if making.is_emptied(path):
        return making.EMPTIED
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as database:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                return str(found).replace("\n", " ").removeprefix("*** in database main *** ")
            return _misread(database) if is_ours(database) else "its tables are not ours"
    except UnicodeDecodeError:
        return "a name in it is no text"  # SQLite quotes it in its own words
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", -1) & 0xFF not in _DAMAGE:
            raise
        return str(error)


def _misread(connection: sqlite3.Connection) -> str | None:
    """What in sound pages is nothing that we would have written: SQLite has no sums."""
    # Here, because only a whole look over the file needs it.
    from portal.provisioning.repair import sifting  # noqa: PLC0415 - see above

    if connection.execute("PRAGMA foreign_key_check").fetchone():
        return "a row refers to none"
    present = {name for _, name, _ in shape(connection)}
    for table in present.intersection(sifting.TABLES):
        for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            if not sifting.is_row(table, row):
                return f"a row of {table} is damaged"
    return None
