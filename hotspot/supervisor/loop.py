"""One thread's attention: what is readable, what is due, and the signals that ask for the end.

Nothing waits anywhere else. Signals arrive as bytes in a pipe (`signal.set_wakeup_fd`), so
they are events like the others and interrupt nothing half done.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

# A terminal that is closed sends SIGHUP: the machine is left as it was found then too.
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Loop:
    """Answers sources and timers. `clock` counts seconds; `stopping` counts signals heard."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.stopping = 0
        self._selector = selectors.DefaultSelector()
        self._timers: dict[str, tuple[float, Callable[[], object]]] = {}
        self._signals: tuple[int, int] | None = None

    def watch(self, source: int | socket.socket, ready: Callable[[], object]) -> None:
        """Call `ready` whenever `source` is readable."""
        self._selector.register(source, selectors.EVENT_READ, ready)

    def forget(self, source: int | socket.socket) -> None:
        """Watch it no longer; it may be unwatched already, but not yet closed."""
        with contextlib.suppress(KeyError):
            self._selector.unregister(source)

    def later(self, name: str, delay: float, due: Callable[[], object]) -> None:
        """Call `due` once, in `delay` seconds, instead of what was set under this name before."""
        self._timers[name] = (self.clock() + delay, due)

    def cancel(self, name: str) -> None:
        """What was set under this name is not due any more, if it was."""
        self._timers.pop(name, None)

    def forget_timers(self) -> None:
        """Nothing is due any more."""
        self._timers.clear()

    def turn(self, until: float | None = None) -> None:
        """Wait for something to happen, to the time `until` at most, and answer it."""
        times = [at for at, _ in self._timers.values()] + ([] if until is None else [until])
        timeout = max(0.0, min(times) - self.clock()) if times else None
        for key, _ in self._selector.select(timeout):
            # An earlier answer of this turn may have closed a later one's source.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        now = self.clock()
        for name in [name for name, (at, _) in self._timers.items() if at <= now]:
            _, due = self._timers.pop(name)
            due()

    def hear_signals(self) -> None:
        """From now on the signals that ask for the end are counted in `stopping`."""
        hearing, ringing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._signals = (hearing, ringing)
        signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
        for number in STOPPING:
            signal.signal(number, _noted)
        # Whoever started us may have held them back until we could hear them.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        self.watch(hearing, lambda: self._heard(os.read(hearing, 4096)))

    def _heard(self, numbers: bytes) -> None:
        self.stopping += sum(number in STOPPING for number in numbers)

    def close(self) -> None:
        """Let go of the selector; signals are heard no longer and change nothing."""
        if self._signals:
            signal.set_wakeup_fd(-1)
            for number in self._signals:
                os.close(number)
        self._selector.close()


def _noted(number: int, frame: object) -> None:
    """What a signal does in Python: nothing; its number is in the pipe already."""
