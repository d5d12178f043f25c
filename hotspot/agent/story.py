"""What happens, told as it happens to whoever listens, from its beginning however late they come.

One thread tells, any number listen, each in its own time: a slow listener holds up nobody. A
story is short, a few dozen events, so all of it stays.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from hotspot.agent.protocol import Event


class Story:
    """Events in order. It has ended when nothing more will come."""

    def __init__(self, events: tuple[Event, ...] = (), *, ended: bool = False) -> None:
        self._events = [*events]
        self._ended = ended
        self._news = threading.Condition()

    def tell(self, event: Event) -> None:
        """Say what has just happened."""
        with self._news:
            self._events.append(event)
            self._news.notify_all()

    def end(self) -> None:
        """Nothing more will come."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        with self._news:
            return self._ended

    def so_far(self) -> tuple[Event, ...]:
        """What has been told until now."""
        with self._news:
            return tuple(self._events)

    def events(self) -> Iterator[Event]:
        """All of it: what was told already, then the rest as it comes, until the end."""
        at = 0
        while (event := self._next(at)) is not None:
            yield event
            at += 1

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended, within `seconds` if it is to."""
        with self._news:
            return self._news.wait_for(lambda: self._ended, seconds)

    def _next(self, at: int) -> Event | None:
        with self._news:
            self._news.wait_for(lambda: self._ended or len(self._events) > at)
            return self._events[at] if len(self._events) > at else None
