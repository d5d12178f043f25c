"""Files that are whole or not there at all, whenever the power goes."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace(path: Path, data: bytes, *, mode: int, durable: bool = False) -> None:
    """Make `path` a file of these bytes: written beside it, then renamed over it.

    `durable` waits until disk and directory have it, for what must outlive a power cut; on a
    tmpfs there is nothing to wait for. Raises `OSError`, and then the old file is untouched.
    """
    beside = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    # O_EXCL: nobody's file of that name is written into, and the mode is ours from the start.
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            # What the umask took away is given back: the portal reads as another user.
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        _sync_directory(path.parent)


def link(path: Path, other: Path) -> None:
    """Give the file at `path` a second name; durable. Raises `OSError`, also where one is."""
    os.link(path, other)
    _sync_directory(other.parent)


def rename(path: Path, other: Path) -> None:
    """Put the file at `path` in the place of `other`, whether there is one or not; durable."""
    path.replace(other)
    _sync_directory(other.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there; durable."""
    path.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """Until the directory itself is on disk, the new name is not (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
