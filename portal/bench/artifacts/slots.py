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
# Seconds. A device that was given its turn begins at once; one that has begun moves on. Most that
# wait ask every few seconds: who has not for half a minute is passed over, but has its place in
# line if it does come again, because some ask every few minutes only.
BEGIN: Final = 30.0
STALL: Final = 60.0
PATIENCE: Final = 30.0
FORGET: Final = 900.0


@dataclass(slots=True)
class _Waiting:
    since: float
    asked: float


class Slots:
    """The places, at most `most`, and the line before them."""

    def __init__(
        self,
        most: int = MOST,
        *,
        begin: float = BEGIN,
        stall: float = STALL,
        patience: float = PATIENCE,
    ) -> None:
        self.most = most
        self._begin = begin
        self._stall = stall
        self._patience = patience
        self._until: dict[str, float] = {}
        self._line: dict[str, _Waiting] = {}

    @property
    def busy(self) -> int:
        """How many have a place."""
        return len(self._until)

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def take(self, device: str, now: float) -> bool:
        """Whether a device that asks may begin, or is at it already; otherwise it is in line."""
        if device in self._until:
            return True
        self._forget(now)
        self._line.setdefault(device, _Waiting(now, now)).asked = now
        # Those before it in line who still ask have the first claim on what is free.
        present = [each for each in self._line if self._is_present(each, now)]
        if present.index(device) >= self.most - len(self._until):
            return False
        del self._line[device]
        self._until[device] = now + self._begin
        return True

    def moved(self, device: str, now: float) -> None:
        """More of its download is with the device: it keeps its place."""
        if device in self._until:
            self._until[device] = now + self._stall

    def free(self, device: str) -> None:
        """It is done, has failed, or has gone; its place and its turn with it."""
        self._until.pop(device, None)
        self._line.pop(device, None)

    def expire(self, now: float) -> list[str]:
        """Take the places of those who have not begun or not moved on in time, and say whose."""
        late = [device for device, until in self._until.items() if until <= now]
        for device in late:
            self.free(device)
        return late

    def oldest(self, now: float) -> float:
        """Seconds that the longest waiting one of those who still ask has waited."""
        waits = (
            now - place.since
            for device, place in self._line.items()
            if self._is_present(device, now)
        )
        return max(waits, default=0.0)

    def _is_present(self, device: str, now: float) -> bool:
        return now - self._line[device].asked <= self._patience

    def _forget(self, now: float) -> None:
        gone = [d for d, place in self._line.items() if now - place.asked > FORGET]
        for device in gone:
            del self._line[device]
