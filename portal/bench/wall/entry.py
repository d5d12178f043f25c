"""A name and a PIN become a session, or a wait; without any network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portal.bench.wall import pins, tries
from portal.bench.wall.people import People
from portal.bench.wall.sessions import Sessions
from portal.bench.wall.tries import Tries
from portal.provisioning.keeping.files import make_directory, write_whole

# How long a second person waits until the first one's PIN has been checked.
_PATIENCE: Final = 2.0


class Wrong(Exception):  # noqa: N818 - named for what was entered
    """Nobody has this name and this PIN; `seconds` until the next try, 0 for at once."""

    def __init__(self, seconds: int = 0) -> None:
        self.seconds = seconds
        super().__init__(seconds)


class Entry:
    """Checks PINs one at a time, because each takes 16 MiB and a core for a while.

    One more may wait, so that however many try, threads are left for the set-up page. `path` is
    the file in which tries are counted; `clock` is seconds since the epoch, `monotonic` what
    sessions go by.
    """

    def __init__(
        self,
        people: People,
        sessions: Sessions,
        path: Path,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._path = path
        self._clock = clock
        self._monotonic = monotonic
        self._waiting = threading.BoundedSemaphore(2)
        self._checking = threading.Lock()

    def enter(self, name: str, pin: str, client: str) -> str:
        """The cookie of a new session.

        Raises `Wrong`, `people.Unfit` where the file of people is damaged, OSError.
        """
        if not self._waiting.acquire(blocking=False):
            raise Wrong(1)
        try:
            if not self._checking.acquire(timeout=_PATIENCE):
                raise Wrong(1)
            try:
                return self._enter(name, pin, client)
            finally:
                self._checking.release()
        finally:
            self._waiting.release()

    def _enter(self, name: str, pin: str, client: str) -> str:
        person = self._people.find(name)
        known = person is not None
        places = (
            tries.of_name(person.name if person else name, known=known),
            tries.of_client(client),
        )
        home = tries.of_home(person.name, client) if person else ""
        counted, now = self._read(), self._clock()
        before = counted.written()
        held = places[1:] if counted.knows(home, now) else places
        if wait := counted.wait(held, now):
            if counted.written() != before:
                # The clock was put back: written down, or they would wait until it is caught up.
                self._write(counted)
            raise Wrong(wait)
        counted.miss(places, now)
        self._write(counted)
        if not pins.matches(pin.strip(), person.pin if person else pins.NOBODY) or person is None:
            raise Wrong(counted.wait(held, now))
        counted.forget(places)
        counted.welcome(home, now)
        self._write(counted)
        return self._sessions.open(person, self._monotonic())

    def _read(self) -> Tries:
        try:
            return Tries.read(self._path.read_bytes())
        except FileNotFoundError:
            return Tries()

    def _write(self, counted: Tries) -> None:
        make_directory(self._path.parent)
        write_whole(self._path, [counted.written()])
