"""Waiting in the middle of an attempt: for a descriptor, until a deadline, unless cancelled."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Final, Protocol

from hotspot.uplink.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

# Cancelling comes from another thread, through an event that no select can wait on: a person
# notices no fifth of a second.
_SLICE: Final = 0.2


class Cancelled(Protocol):
    """Whether somebody wants the end of it; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether the end has been asked for."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """`is_set`, as soon as it is so, after `timeout` seconds at the latest."""
        ...


class Over(Exception):  # noqa: N818 - an outcome, not a crash
    """The attempt ends here, and how; `url` and `what` as in `hotspot.uplink.outcome.Ended`."""

    def __init__(self, outcome: Outcome, *, url: str = "", what: str = "") -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.url = url
        self.what = what


class Patience:
    """Time that is left, and the wish to go on. Every wait raises `Over` when cancelled."""

    def __init__(self, cancelled: Cancelled) -> None:
        self._cancelled = cancelled

    def check(self) -> None:
        """Raise `Over` if the attempt has been cancelled."""
        if self._cancelled.is_set():
            raise Over(Outcome.CANCELLED)

    def pause(self, seconds: float) -> None:
        """Let this much time pass."""
        if self._cancelled.wait(seconds):
            raise Over(Outcome.CANCELLED)

    def readable(self, descriptors: Iterable[int], deadline: float) -> list[int]:
        """Those of the descriptors that can be read; none when the deadline (monotonic) came."""
        waited = list(descriptors)
        while True:
            self.check()
            left = deadline - time.monotonic()
            ready, _, _ = select.select(waited, [], [], max(0.0, min(left, _SLICE)))
            if ready or left <= 0:
                return ready
