"""A database's file made, and the mark that tells one that was made from one that never was.

Law: a file without a byte is new where there is no mark, and damaged where there is one. The mark
comes once the first commit is durable, and goes when somebody has removed the file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

EMPTIED: Final = "it is empty, and was not"


def create(path: Path) -> None:
    """Make the file, 0600, where there is none. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # An existing file is left alone: closing any descriptor of it would drop the POSIX
    # locks that this process's other connections hold (sqlite.org/howtocorrupt.html §2.2).
    if not path.exists():
        # Whoever removed the database wants a new one.
        mark(path).unlink(missing_ok=True)
        with suppress(FileExistsError):  # another process was quicker
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def mark(path: Path) -> Path:
    """The empty file beside a database that says: it has been one."""
    return path.with_name(f"{path.name}.made")


def note(path: Path) -> None:
    """Leave the mark, once the database is durable, name and all.

    Its own name is synced with the next opening. A disk that refuses is met, and told, where it
    matters.
    """
    if not mark(path).exists():
        with suppress(OSError):
            mark(path).touch(mode=0o600)


def is_emptied(path: Path) -> bool:
    """Whether all of it is gone; without the mark, its making was cut short, and it is made now."""
    return path.stat().st_size == 0 and mark(path).exists()
