"""Files that are there whole and for good, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from portal.provisioning.keeping.database import sync_directory


def make_directory(directory: Path) -> None:
    """Make `directory`, 0700, and the ones above it, durably. Raises OSError."""
    if not directory.is_dir():
        make_directory(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        sync_directory(directory.parent)


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Put `chunks` at `path`, 0600: aside, synced, renamed, its directory synced.

    A crash leaves the old file or the new one, and perhaps a file `.NAME.PID.tmp` beside it
    (`sweep` removes those). Raises OSError.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(aside, flags, 0o600), "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sweep(directory: Path) -> None:
    """Remove what a crash in the middle of `write_whole` left. Raises OSError."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(".tmp"):
                Path(entry.path).unlink(missing_ok=True)
