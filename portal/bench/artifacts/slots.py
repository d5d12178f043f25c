"""How many devices download at once, and who is next: first come, first served.

With eight at a time the first of a hundred is done after a twelfth of the time that all of them
take, and the last no later than if all had begun together. The bench asks when a device polls; a
device that is told to wait asks again by itself. Values only: the caller brings clock and lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# What goes through a small access point at once without anybody falling silent.
MOST: Final = 8
# Seconds. Most that wait ask every few: who has not for half a minute is passed over, but has its
# place in line if it does come again, because some ask every few minutes only.
PATIENCE: Final = 30.0
FORGET: Final = 900.0


@dataclass(slots=True)
class _Waiting:
    since: float
    asked: float


class Slots:
    """The places, at most `most`, and the line before them. Who has a place keeps it until it is
    set free.
    """

    def __init__(self, most: int = MOST, *, patience: float = PATIENCE) -> None:
        self.most = most
        self._patience = patience
        self._inside: set[str] = set()
        self._line: dict[str, _Waiting] = {}

    @property
    def busy(self) -> int:
        """How many have a place."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def take(self, device: str, now: float) -> bool:
        """Whether a device that asks may begin, or is at it already; otherwise it is in line."""
        if device in self._inside:
            return True
        self._forget(now)
        self._line.setdefault(device, _Waiting(now, now)).asked = now
        # Those before it in line who still ask have the first claim on what is free.
        present = [each for each in self._line if self._is_present(each, now)]
        if present.index(device) >= self.most - len(self._inside):
            return False
        del self._line[device]
        self._inside.add(device)
        return True

    def free(self, device: str) -> None:
        """It is done, has failed, or has gone; its place and its turn with it."""
        self._inside.discard(device)
        self._line.pop(device, None)

    def oldest(self, now: float) -> float:
        """Seconds that the longest waiting one of those who still ask has waited. For any thread:
        it looks at a copy.
        """
        line = [*self._line.values()]
        waits = (now - each.since for each in line if now - each.asked <= self._patience)
        return max(waits, default=0.0)

    def _is_present(self, device: str, now: float) -> bool:
        return now - self._line[device].asked <= self._patience

    def _forget(self, now: float) -> None:
        gone = [d for d, place in self._line.items() if now - place.asked > FORGET]
        for device in gone:
            del self._line[device]
