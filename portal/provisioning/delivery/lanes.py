"""Several deliveries at once: each in a lane of its own, so that a slow one holds up nobody.

Law: a lane sees only the deliveries of its name, and makes one attempt after the other. All
lanes are rung together; when the last has nothing pending, the run is over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from portal.provisioning.delivery.deliver import Bell, Delivery

# How long the attempts under way may take to end when we are told to stop; the supervisor
# kills after 10 s, and what is cut short is tried again at the next start.
PATIENCE: Final = 8.0
_LONG: Final = 3_600.0


class House(Bell, Protocol):
    """What the main thread waits with, and the lanes knock at; see `doorbell.Doorbell`."""

    longest: float

    def nudge(self) -> None:
        """Make `wait` return, from another thread."""
        ...


class _Lane(threading.Thread):
    """Runs one `Delivery`, and is the bell it waits with."""

    def __init__(self, delivery: Delivery, longest: float, nudge: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.stopping = False
        self.idle = False
        self.failed: BaseException | None = None
        self._delivery = delivery
        self._longest = longest
        self._nudge = nudge
        self._lock = threading.Lock()
        self._rung = threading.Event()

    def run(self) -> None:
        """Deliver, and wait to be rung again, until told to stop."""
        try:
            while not self.stopping:
                self._delivery.run(self)
                with self._lock:
                    self.idle = not self._rung.is_set()
                self._nudge()
                self._rung.wait()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it again
            self.failed = error
            self._nudge()

    def ring(self, *, stop: bool = False) -> None:
        """Look again, or end after the attempt under way."""
        with self._lock:
            self.stopping = self.stopping or stop
            self.idle = False
            self._rung.set()

    def hush(self) -> bool:
        """Take the rings so far."""
        rung = self._rung.is_set()
        self._rung.clear()
        return rung

    def wait(self, seconds: float) -> None:
        """Return at a ring, or after `seconds`."""
        self._rung.wait(min(seconds, self._longest))


def run(deliveries: Sequence[Delivery], bell: House) -> None:
    """Deliver in as many lanes until nothing is pending or the bell says stop.

    One alone needs no thread. Raises what a lane could not handle.
    """
    if len(deliveries) == 1:
        deliveries[0].run(bell)
        return
    lanes = [_Lane(each, bell.longest, bell.nudge) for each in deliveries]
    for lane in lanes:
        lane.start()
    try:
        _attend(lanes, bell)
    finally:
        _end(lanes)


def _attend(lanes: Sequence[_Lane], bell: House) -> None:
    """Hand on what the bell says until all lanes are idle."""
    while not bell.stopping:
        if bell.hush():
            for lane in lanes:
                lane.ring()
        for lane in lanes:
            if lane.failed:
                raise lane.failed
        if all(lane.idle for lane in lanes):
            return
        bell.wait(_LONG)


def _end(lanes: Sequence[_Lane]) -> None:
    deadline = time.monotonic() + PATIENCE
    for lane in lanes:
        lane.ring(stop=True)
    for lane in lanes:
        lane.join(max(0.0, deadline - time.monotonic()))
