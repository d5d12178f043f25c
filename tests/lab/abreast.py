"""Tell several stories at a time, each in its own guest, where the machine has room for it.

A guest gets the two processors it has. Two guests on two were told in three quarters of the
time, but each half as fast: too near to the limits the product itself sets its programs.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from tests.lab import telling
from tests.lab.telling import Outcome, Theatre

PROCESSORS: Final = 2
# A guest's memory and what QEMU adds to it.
GUEST_MIB: Final = 2048
# More would not be quicker by much, and crowd out whatever else the machine does.
MOST: Final = 4


def room() -> int:
    """How many guests this machine has processors and memory for; at least one."""
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return max(1, min(MOST, len(os.sched_getaffinity(0)) // PROCESSORS, pages // GUEST_MIB))


class Abreast:
    """Stories under way from now until the block ends; those still running then are ended."""

    def __init__(self, names: Iterable[str], theatre: Theatre) -> None:
        self._guests: list[subprocess.Popen[bytes]] = []
        self._pool = ThreadPoolExecutor(room())
        self._told: dict[str, Future[Outcome]] = {
            name: self._pool.submit(telling.tell, name, theatre, self._guests.append)
            for name in names
        }

    def outcome(self, name: str) -> Outcome:
        """How this story went, once it is over."""
        return self._told[name].result()

    def outcomes(self) -> Iterator[Outcome]:
        """How all went, in the order they were asked for."""
        return (told.result() for told in self._told.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for guest in self._guests:
            if guest.poll() is None:
                guest.terminate()
        self._pool.shutdown()
