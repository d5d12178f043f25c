"""How long somebody waits who has mistyped a PIN: five tries, then longer each time.

Law: values in, seconds out; the clock is an argument, and what is counted can be written down and
read back, so that pulling the plug gives nobody five tries more. Counted by name and by the
client's address. Names that nobody has share 64 places, so that they wait as others do and their
number cannot push a person's count out. Where a person has signed in before, others' mistakes with
the name hold nobody up: else one phone that changes its address could keep a technician out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Final, Self

FREE: Final = 5
# A minute by name: 1,440 guesses a day, so that a stranger gets one PIN of 1,000,000 in two
# years. A quarter of an hour by address.
_FIRST: Final = 15.0
_MOST: Final = {"name": 60.0, "client": 900.0}
# A day without a mistake is forgotten.
_DAY: Final = 86_400.0
MOST_CLIENTS: Final = 512
# For so long somebody is at home where they have signed in, and at so many places in all.
HOME: Final = 7 * _DAY
MOST_HOMES: Final = 64
_PLACES: Final = 64


def of_name(name: str, *, known: bool) -> str:
    """The place in which tries for this name are counted."""
    if known:
        return f"name {name}"
    return f"name ?{hashlib.blake2s(name.encode()).digest()[0] % _PLACES}"


def of_client(address: str) -> str:
    """The place in which tries from this address are counted."""
    return f"client {address}"


def of_home(name: str, address: str) -> str:
    """The place that stands for a person at an address."""
    return f"home {address} {name}"


class Tries:
    """Tries that were no success; `now` is seconds since the epoch, by whatever clock there is."""

    def __init__(self, missed: dict[str, tuple[int, float]] | None = None) -> None:
        # How often, and when last, the latest at the end.
        self._missed = missed or {}

    @classmethod
    def read(cls, text: bytes) -> Self:
        """What `written` gave; nothing counted where it is damaged."""
        try:
            found = json.loads(text)
            missed = {str(key): (int(count), float(at)) for key, (count, at) in found.items()}
        except (ValueError, TypeError, AttributeError, OverflowError):
            return cls()
        return cls(missed)

    def written(self) -> bytes:
        """All that is counted, to be read back."""
        return json.dumps(self._missed, separators=(",", ":")).encode()

    def wait(self, places: Iterable[str], now: float) -> int:
        """Seconds until another try, rounded up; 0 where one may be made."""
        return max((self._wait(place, now) for place in places), default=0)

    def _wait(self, place: str, now: float) -> int:
        count, at = self._missed.get(place, (0, now))
        if count < FREE:
            return 0
        # A clock that was put back does not make anybody wait longer than from now on.
        at = min(at, now)
        self._missed[place] = (count, at)
        most = _MOST[place.partition(" ")[0]]
        delay = min(most, _FIRST * 2.0 ** min(count - FREE, 16))
        left = at + delay - now
        return int(left) + 1 if left > 0 else 0

    def miss(self, places: Iterable[str], now: float) -> None:
        """Count a try. Before it is made, so that many at once are many."""
        for place in places:
            count, at = self._missed.pop(place, (0, now))
            self._missed[place] = (1 if now - at > _DAY else count + 1, now)
        self._bound("client ", MOST_CLIENTS)

    def knows(self, home: str, now: float) -> bool:
        """Whether its person has signed in there lately."""
        return home in self._missed and now - self._missed[home][1] < HOME

    def welcome(self, home: str, now: float) -> None:
        """Its person has signed in there."""
        self._missed.pop(home, None)
        self._missed[home] = (0, now)
        self._bound("home ", MOST_HOMES)

    def _bound(self, kind: str, most: int) -> None:
        """The oldest of a kind make room."""
        places = [place for place in self._missed if place.startswith(kind)]
        for place in places[: max(0, len(places) - most)]:
            del self._missed[place]

    def forget(self, places: Iterable[str]) -> None:
        """It was a success."""
        for place in places:
            self._missed.pop(place, None)
