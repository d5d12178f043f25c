"""Who is signed in, in memory: a restart asks everybody for the PIN again.

A session ends a quarter of an hour after its person's last act. What the page asks by itself is
no act. Only a hash of the cookie is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from portal.bench.wall.people import Person, Role

IDLE_SECONDS: Final = 900.0
MOST: Final = 64
MOST_HELD: Final = 16 * 1024 * 1024
_BYTES: Final = 32
_TOKEN_BYTES: Final = 16


@dataclass(slots=True)
class Session:
    """One person on one device. `token` stands in every form; `used` is monotonic seconds."""

    person: Person
    token: str = field(repr=False)
    used: float
    # What the next page says once, and whether it is a mistake.
    word: tuple[str, bool] | None = None
    # A manifest that was shown and is not imported yet: its name and its bytes.
    parcel: tuple[str, bytes] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.person.name

    @property
    def leads(self) -> bool:
        """Whether its person is a lead."""
        return self.person.role is Role.LEAD

    def is_ours(self, token: str) -> bool:
        """Whether a form with this token was given out in this session."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def said(self) -> tuple[str, bool] | None:
        """What is to be said, once."""
        word, self.word = self.word, None
        return word


class Sessions:
    """All of them, for any number of threads; `random(n)` gives n bytes."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._lock = threading.Lock()
        self._open: dict[bytes, Session] = {}

    def open(self, person: Person, now: float) -> str:
        """The cookie of a new session. The one longest unused makes room for it."""
        cookie = self._random(_BYTES).hex()
        with self._lock:
            self._sweep(now)
            if len(self._open) >= MOST:
                del self._open[min(self._open, key=lambda key: self._open[key].used)]
            self._open[_hash(cookie)] = Session(person, self._random(_TOKEN_BYTES).hex(), now)
        return cookie

    def find(self, cookie: str, now: float, *, act: bool) -> Session | None:
        """The session of this cookie, if it is open still; an `act` keeps it so."""
        with self._lock:
            self._sweep(now)
            found = self._open.get(_hash(cookie))
            if found is not None and act:
                found.used = now
            return found

    def hold(self, session: Session, name: str, body: bytes) -> None:
        """Keep a manifest for a session, until it is imported. Those longest unused make room:
        all of them together are never more than a small Pi can spare.
        """
        with self._lock:
            session.parcel = (name, body)
            left = MOST_HELD - len(body)
            others = [each for each in self._open.values() if each is not session and each.parcel]
            for each in sorted(others, key=lambda each: each.used, reverse=True):
                left -= len(each.parcel[1]) if each.parcel else 0
                if left < 0:
                    each.parcel = None

    def close(self, cookie: str) -> None:
        """End one."""
        with self._lock:
            self._open.pop(_hash(cookie), None)

    def drop(self, name: str) -> None:
        """End all of this person's, who has been removed."""
        with self._lock:
            self._open = {key: each for key, each in self._open.items() if each.name != name}

    def _sweep(self, now: float) -> None:
        old = [key for key, each in self._open.items() if now - each.used >= IDLE_SECONDS]
        for key in old:
            del self._open[key]


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
