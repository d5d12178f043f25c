"""One SQLite connection that keeps its word, and is thrown away when it could not.

Law: whatever goes wrong closes the connection; the next use opens the file anew and lets
SQLite roll back. After a failed fsync the kernel may call dirty pages clean, so nothing that
connection believed is believed again.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from portal.provisioning.keeping import making
from portal.provisioning.keeping.migrations import STEPS, Misshapen, TooNew, migrate

# TRUNCATE and FULL: 0 of 2,604 rebuilt power-cut images lost an acknowledged row, where
# SQLite's default (DELETE and FULL) lost one in 377 of 2,478. WAL is out: Debian 12's
# SQLite 3.40 has the WAL-reset bug, and the portal and the delivery are two writers.
PRAGMAS: Final = (
    "PRAGMA journal_mode=TRUNCATE",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-512",
)
# How long the portal and the delivery wait for each other's commit.
_BUSY_SECONDS: Final = 5.0

_REASONS: Final = {
    sqlite3.SQLITE_FULL: "there is no space left on the disk",
    sqlite3.SQLITE_READONLY: "the disk is read-only",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_PERM: "the file may not be opened",
    sqlite3.SQLITE_AUTH: "the file may not be opened",
    sqlite3.SQLITE_BUSY: "another process holds the file",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is damaged",
}


class Unwritable(Exception):  # noqa: N818 - named for what the disk is
    """The disk does not take the record, or no longer gives it; the text says why.

    What was being written may or may not be there at the next look; what was acknowledged is.
    """


class Database:
    """The database at `path`, of the shape that `steps` make, for threads one at a time, opened
    at first use.

    Every use raises `Unwritable` where file or disk refuse. `mend()` is called, outside of any
    use, where the file itself seems damaged, and says whether it was; the next use finds what it
    has left there.
    """

    def __init__(
        self,
        path: Path,
        mend: Callable[[], bool] = lambda: False,
        steps: Sequence[Sequence[str]] = STEPS,
    ) -> None:
        self._path = path
        self._steps = steps
        self._mend = mend
        self._lock = threading.Lock()
        self._folder: int | None = None
        self._file: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone."""
        try:
            with self._lock, _refusals(self._path):
                try:
                    with self._shared():
                        yield self._open()
                except BaseException:
                    self._close()
                    raise
        except Unwritable as error:
            if _is_damage(error.__cause__):
                self._mend()
            raise
        except (sqlite3.OperationalError, ValueError) as error:
            # Our own words are tried by the tests. If they mean nothing here, or nothing can be
            # made of what is there, it may be the file.
            if self._mend():
                raise Unwritable(f"{self._path}: the file was damaged ({error})") from error
            raise

    @contextmanager
    def _shared(self) -> Iterator[None]:
        """The folder's lock, which whoever puts another file here holds alone (`recovery`)."""
        if self._folder is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._folder, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(self._folder, fcntl.LOCK_UN)

    def _open(self) -> sqlite3.Connection:
        """The connection to the file that is there now."""
        if self._connection is not None and self._file != _identity(self._path):
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = opened(self._path, self._steps)
            self._file = _identity(self._path)
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction, durable when the block has ended."""
        with self.use() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """The connection while nobody's commit comes between two of its reads."""
        with self.use() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            os.close(folder)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def opened(path: Path, steps: Sequence[Sequence[str]] = STEPS) -> sqlite3.Connection:
    """A connection to the database at `path`, made 0600 and durable where there was none.

    Raises OSError, sqlite3.Error, `migrations.TooNew`, `migrations.Misshapen`.
    """
    making.create(path)
    if making.is_emptied(path):
        raise Misshapen(making.EMPTIED)
    # mode=rw: only `making` makes the file, with its mode. Threads take turns under a lock.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        migrate(connection, path, steps)
        # For the names of the database and of its journal, which stays from now on: SQLite
        # syncs the directory too, but goes on when that fails.
        sync_directory(path.parent)
        making.note(path)
    except BaseException:
        connection.close()
        raise
    return connection


def sync_directory(directory: Path) -> None:
    """Make the directory's entries durable. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_damage(cause: BaseException | None) -> bool:
    code = getattr(cause, "sqlite_errorcode", -1) & 0xFF
    return isinstance(cause, Misshapen) or code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what file and disk refuse into `Unwritable`; everything else is a bug."""
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror}") from error
    except (TooNew, Misshapen) as error:
        raise Unwritable(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        # The low byte is the primary code, the rest says where (sqlite.org/rescode.html §2).
        reason = _REASONS.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)
        if reason is None:
            raise
        raise Unwritable(f"{path}: {reason} ({error})") from error
