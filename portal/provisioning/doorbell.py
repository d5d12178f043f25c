"""The doorbell: one byte that says "look again", and the ear that waits for it.

Law: it carries no news, only attention. A lost ring costs time, never a record: delivery
looks into the store at every start. `Doorbell.hush` comes before each look, so that a ring
after the look is still in the socket, where the supervisor (or systemd) sees it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Final, Self

_DATAGRAM: Final = b"\n"
# Without a socket nobody can ring: look this often, in seconds.
_DEAF_LOOK: Final = 5.0
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

    `bell` is the inherited datagram socket, or None. A context manager, for the main thread:
    inside it the two signals set `stopping` instead of ending the process.
    """

    def __init__(self, bell: socket.socket | None) -> None:
        self._bell = bell
        self._poll = select.poll()
        self.stopping = False

    def __enter__(self) -> Self:
        self._awake, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for listening in (self._awake, *([self._bell.fileno()] if self._bell else [])):
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
        os.close(self._awake)
        os.close(self._wake)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stopping = True

    def hush(self) -> None:
        """Take the rings so far."""
        if self._bell is None:
            return
        try:
            for _ in range(_MOST_RINGS):
                # MSG_DONTWAIT, not setblocking: the supervisor shares the socket's flags.
                self._bell.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return

    def wait(self, seconds: float) -> None:
        """Return at a ring, at a signal to stop, or after `seconds`."""
        if not self.stopping:
            limit = seconds if self._bell else min(seconds, _DEAF_LOOK)
            # Rounded up: a wait that is a moment too short would spin.
            self._poll.poll(int(limit * 1000) + 1)
