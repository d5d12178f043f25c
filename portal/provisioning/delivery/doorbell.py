"""The doorbell: one byte that says "look again", and the ear that waits for it.

Law: it carries no news, only attention. A lost ring costs time, never a record: delivery
looks into the store at every start. `Doorbell.hush` comes before each look, so that a ring
after the look is still in the socket, where the supervisor (or systemd) sees it.
"""

from __future__ import annotations

import math
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final, Self

from portal.provisioning.delivery.routes import Routes
from portal.systemd import notify, pace

_DATAGRAM: Final = b"\n"
# Without a socket nobody can ring: look this often, in seconds.
_DEAF_LOOK: Final = 5.0
# All that a pipe can hold (pipe(7)).
_PIPE: Final = 65_536
# More rings than fit into a socket (net.unix.max_dgram_qlen, 10 to 512): a bound, not a count.
_MOST_RINGS: Final = 1_000


def ring(path: Path) -> None:
    """Ring at `path`; nobody there, or a full socket, is no matter."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as bell:
        try:
            bell.sendto(_DATAGRAM, str(path))
        except OSError:
            return


class Doorbell:
    """Waits for a ring, for the time to run out, or for SIGTERM or SIGINT to say stop.

    `bell` is the inherited datagram socket, or None. A new way out of this machine rings too,
    after `way_out` has been called. A context manager, for the main thread: inside it the two
    signals set `stopping` instead of ending the process.
    """

    def __init__(
        self, bell: socket.socket | None, way_out: Callable[[], None] = lambda: None
    ) -> None:
        self._bell = bell
        self._way_out = way_out
        self._network_rang = False
        self._beat_due = 0.0
        self._wake = -1
        self._open = threading.Lock()
        self.longest = math.inf if bell else _DEAF_LOOK
        self._poll = select.poll()
        self.stopping = False

    def __enter__(self) -> Self:
        self._awake, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._routes = Routes()
        bell = self._bell.fileno() if self._bell else -1
        for listening in filter(_is_open, (self._awake, bell, self._routes.fileno())):
            self._poll.register(listening, select.POLLIN)
        # The pipe closes the gap between asking `stopping` and falling asleep.
        self._wakeup_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        self._routes.close()
        os.close(self._awake)
        with self._open:
            os.close(self._wake)
            self._wake = -1

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stopping = True

    def hush(self) -> bool:
        """Take the rings so far; whether there were any."""
        rang, self._network_rang = self._network_rang, False
        self._beat()
        if self._bell is None:
            return rang
        try:
            for _ in range(_MOST_RINGS):
                # MSG_DONTWAIT, not setblocking: the supervisor shares the socket's flags.
                self._bell.recv(1, socket.MSG_DONTWAIT)
                rang = True
        except BlockingIOError:
            pass
        return rang

    def _beat(self) -> None:
        """Say that deliveries go on, where systemd waits for that."""
        if (now := time.monotonic()) >= self._beat_due:
            self._beat_due = now + pace()
            notify("WATCHDOG=1")

    def nudge(self) -> None:
        """Make `wait` return, from another thread."""
        # A lane that was left behind may come when the number is another file's.
        with self._open, suppress(BlockingIOError):  # full of what will wake it anyhow
            if self._wake >= 0:
                os.write(self._wake, b"\0")

    def wait(self, seconds: float) -> None:
        """Return at a ring, at a signal to stop, or after `seconds`."""
        if not self.stopping:
            # Rounded up: a wait that is a moment too short would spin.
            limit = int(min(seconds, self.longest, pace()) * 1000) + 1
            ready = {descriptor for descriptor, _ in self._poll.poll(limit)}
            if self._awake in ready:
                os.read(self._awake, _PIPE)
            if self._routes.fileno() in ready and self._routes.came():
                self._network_rang = True
                self._way_out()


def _is_open(descriptor: int) -> bool:
    return descriptor >= 0
