"""How each download gets on: which bytes of its file the device has acknowledged, and how fast.

Told by the event loop, read by everybody else; in memory only, because it changes with every
second and an SD card does not last for that. Each code has the bytes it has acknowledged once,
however many requests and connections they came by.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from portal.door.pieces import together

# What is remembered of downloads; the bench itself takes what it needs of one before it forgets.
MOST: Final = 2048
# Seconds over which a rate is taken, and after which a silent download has none.
WINDOW: Final = 4.0


class Course:
    """One ticket's download, as the loop tells of it (portal.door.paper.Watch)."""

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self.size = size
        self.allowed = True
        self.open = 0
        self.number = 0
        self.moved = clock()
        self._clock = clock
        self._pieces: list[tuple[int, int]] = []
        # When, and how many there were then: replaced whole, because others read it.
        self._marks: tuple[tuple[float, int], ...] = ((self.moved, 0),)

    def began(self, offset: int, length: int) -> None:  # noqa: ARG002 - as the protocol has it
        """A device that asks for the first byte has nothing, or has thrown it away.

        One that goes on in the middle, and of which we know nothing, has what is before: it began
        with the process that was here before us.
        """
        self.open += 1
        if offset == 0:
            self._pieces = []
            self.number = 0
            self._marks = ((self._clock(), 0),)
        elif not self._pieces:
            self._pieces = [(0, offset)]
            self.number = offset
            self._marks = ((self._clock(), offset),)

    def acknowledged(self, begin: int, end: int) -> None:
        """These bytes are with the device."""
        self._pieces = together([*self._pieces, (begin, end)])
        number = sum(last - first for first, last in self._pieces)
        if number > self.number:
            self.number, self.moved = number, self._clock()
            self._mark()

    def ended(self, *, complete: bool) -> None:  # noqa: ARG002 - what was acknowledged says it
        """A request's answer has ended, whole or not."""
        self.open -= 1

    def rate(self) -> float:
        """Bytes a second, over the last few."""
        now, (at, number) = self._clock(), self._marks[0]
        if now - self.moved > WINDOW or now <= at:
            return 0.0
        return max(0, self.number - number) / (now - at)

    def _mark(self) -> None:
        """Four a second are plenty: a range a millisecond must not make a list of thousands."""
        if self.moved - self._marks[-1][0] < WINDOW / 16:
            return
        old = sum(at < self.moved - WINDOW for at, _ in self._marks)
        self._marks = (*self._marks[max(0, old - 1) :], (self.moved, self.number))


class Progress:
    """All downloads, by their tickets' codes. For any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._courses: dict[str, Course] = {}

    def course(self, code: str, size: int) -> Course:
        """The download that `code` allows, of a file of `size` bytes: what the loop tells."""
        with self._lock:
            course = self._courses.pop(code, None)
            if course and course.size != size:
                # It is given another form of the same, as when it is short of space: begun anew.
                course.allowed = False
                course = None
            course = course or Course(size, self._clock)
            self._courses[code] = course
            if len(self._courses) > MOST:
                self._drop()
            return course

    def of(self, code: str) -> tuple[int, int, float]:
        """Bytes acknowledged, bytes in all, bytes a second; noughts for what never began."""
        course = self._courses.get(code)
        return (course.number, course.size, course.rate()) if course else (0, 0, 0.0)

    def revoke(self, code: str) -> None:
        """Cut a download off, and answer no more of it, until its ticket is asked for again."""
        with self._lock:
            course = self._courses.pop(code, None)
        if course:
            course.allowed = False

    def _drop(self) -> None:
        """Forget the oldest that is not under way."""
        for code, course in self._courses.items():
            if not course.open:
                del self._courses[code]
                return
