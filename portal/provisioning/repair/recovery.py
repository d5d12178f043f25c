"""A damaged database: set aside, what can be read of it in a new one, the operator told.

Law: at no moment is there no database, and the damaged file is never written to again nor
removed. Whoever uses the database holds its folder's lock shared; whoever puts another in its
place holds it alone, and the others then open the new one.
"""

from __future__ import annotations

import fcntl
import itertools
import mmap
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from portal.provisioning.keeping import attempts, tables
from portal.provisioning.keeping.body import summed
from portal.provisioning.keeping.database import opened, sync_directory
from portal.provisioning.keeping.making import mark
from portal.provisioning.life import Event, Moment
from portal.provisioning.record import timestamp
from portal.provisioning.repair import salvage, sifting
from portal.provisioning.repair.fault import fault
from portal.provisioning.repair.incident import Incident, note
from portal.provisioning.repair.sifting import Found


def repair(path: Path, names: Sequence[str], at: Moment) -> Incident | None:
    """Put a new database in the place of a damaged one; None where it is sound after all.

    `names` are the settings' deliveries. Raises OSError, sqlite3.Error, `TooNew`: then the
    damaged one is where it was.
    """
    with _alone(path.parent):
        why = fault(path)
        if why is None:
            return None
        with path.open("rb") as file, _mapped(file.fileno()) as octets:
            found = sifting.sift(salvage.rows(octets))
        aside, new = _free_name(path, at), path.with_name(f"{path.name}.new")
        incident = Incident(timestamp(at.wall), aside.name, why, found.kept, found.lost)
        for each in (new, _journal(new), mark(new)):
            each.unlink(missing_ok=True)
        with closing(opened(new)) as connection:
            _give(new, path.stat())
            connection.execute("BEGIN IMMEDIATE")
            _fill(connection, found, names, at)
            note(connection, incident)
            connection.execute("COMMIT")
        _swap(path, new, aside)
        return incident


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _mapped(descriptor: int) -> Iterator[salvage.Octets]:
    """A file's contents without reading all of it into memory."""
    if os.fstat(descriptor).st_size == 0:
        yield b""
        return
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as octets:
        yield octets


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _free_name(path: Path, at: Moment) -> Path:
    """The damaged file's name from now on; a clock that was never set may have given it before."""
    stem = f"{path.name}.damaged-{at.wall:%Y%m%dT%H%M%SZ}"
    names = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _give(new: Path, like: os.stat_result) -> None:
    """Whoever could read the old file reads the new one, also when root has mended it."""
    if os.geteuid() == 0:
        os.chown(new, like.st_uid, like.st_gid)


def _swap(path: Path, new: Path, aside: Path) -> None:
    """Put `new` in the place of `path`, which stays as `aside`; each step on the disk before
    the next.
    """
    for each in (_journal(new), mark(new)):
        each.unlink(missing_ok=True)
    # One that could not be rolled back belongs to the old file, and would harm the new one.
    with suppress(FileNotFoundError):
        if _journal(path).stat().st_size:
            _journal(path).rename(_journal(aside))
    aside.hardlink_to(path)
    sync_directory(path.parent)
    new.rename(path)
    sync_directory(path.parent)


def _fill(connection: sqlite3.Connection, found: Found, names: Sequence[str], at: Moment) -> None:
    """Put what was found into a new database, and what is missing of it in a state from which
    it goes on.
    """
    for number, id_ in sorted(found.ids.items()):
        # What cannot be read is there under its name: it is told as dead, not forgotten.
        body = found.bodies.get(number) or b""
        connection.execute(
            "INSERT INTO record (seq, id, body) VALUES (?, ?, ?)", (number, id_, summed(body))
        )
        goes, missing = sifting.complete(found, number, names)
        for table in ("joining", "turn", "held", "delivery", "step", "box"):
            if goes == "deliver" or table not in {"delivery", "step"}:
                _put(connection, table, found.rows(table, number))
        if goes == "deliver":
            connection.execute("DELETE FROM held WHERE record = ?", (number,))
            tables.begin(connection, number, missing, Event.ACCEPTED, at)
        else:
            attempts.hold(connection, number, missing, at)


def _put(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for row in rows:
        # A second row of the same key, or one without what it refers to, says nothing more.
        with suppress(sqlite3.IntegrityError):
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names
