"""What every verb of `records` needs: words for whoever asked and for the log, what is kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from portal.provisioning.keeping.store import Entry, Store
from portal.provisioning.telling import listing

DATABASE: Final = "records.db"


def say(text: str) -> None:
    """A line for whoever asked."""
    sys.stdout.write(f"{text}\n")


def tell(text: str) -> None:
    """A line for the log."""
    # One write per line, so that lines of several processes do not mix.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def refuse(words: str, *, status: int = 1) -> int:
    """Say why something cannot be done; the exit status."""
    tell(words)
    return status


def log(line: str) -> None:
    """A line for the log, whatever is in it."""
    tell(listing.plain(line))


def kept(store: Store, state: Path) -> Iterator[Entry]:
    """The kept records; to look is not to make a store."""
    if not (state / DATABASE).exists():
        return iter(())
    store.check()
    for each in store.incidents():
        tell(listing.plain(f"{each.at}: {each}; it is told until you remove that file"))
    return store.records()
