"""Waits until something may have changed: small files looked at once a second, and Ctrl-C.

Polled, not by inotify: the leases, the records and what the agent keeps lie in three directories
that come and go, and a look at ten names costs 60 µs. Only when one of them has changed is
anybody asked, since an agent that is asked stays for a minute.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# In RUNTIME: the house's place, the last join, hostapd's file, addresses given out, how many are on
# the air, and a run.
_TOLD: Final = ("house", "join.json", "hostapd.conf", "dnsmasq.leases", "stations", "lock")
_RELEASED: Final = "released"
# In STATE: the records, and their journal, which a commit truncates.
_KEPT: Final = ("records.db", "records.db-journal")
_TICK: Final = 1.0
# What no file tells of: a station that has left, how strong another is.
_LONGEST: Final = 10.0

Signature = tuple[tuple[str, int, int], ...]


def signature(runtime: Path, state: Path) -> Signature:
    """What changes when something has happened: name, time and size of each file there is."""
    files = [*(runtime / name for name in _TOLD), *(state / name for name in _KEPT)]
    with contextlib.suppress(OSError):
        files += sorted((runtime / _RELEASED).iterdir())
    return tuple(_seen(files))


def _seen(files: list[Path]) -> Iterator[tuple[str, int, int]]:
    for file in files:
        with contextlib.suppress(OSError):
            found = os.stat(file)  # noqa: PTH116 - once a second, ten times
            yield file.name, found.st_mtime_ns, found.st_size


def turns(
    look: Callable[[], Signature],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Yields at once, then whenever something has changed, and every ten seconds anyway."""
    while True:
        before, due = look(), clock() + _LONGEST
        yield
        while look() == before and clock() < due:
            sleep(_TICK)
