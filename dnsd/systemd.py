"""What systemd tells and hears through the environment: sockets, "ready", and "still alive".

sd_listen_fds(3): descriptors from 3 on, LISTEN_FDS of them. LISTEN_PID guards against a
variable left over from a parent; where it is not set at all there is nothing to compare.
sd_notify(3): one datagram to NOTIFY_SOCKET.
"""

from __future__ import annotations

import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

FIRST: Final = 3


def inherited(environment: Mapping[str, str], pid: int) -> list[socket.socket]:
    """The sockets this process (`pid`) was started with; empty without systemd's variables."""
    count = environment.get("LISTEN_FDS", "")
    if not count.isdecimal() or environment.get("LISTEN_PID", str(pid)) != str(pid):
        return []
    return [socket.socket(fileno=fd) for fd in range(FIRST, FIRST + int(count))]


def notify(environment: Mapping[str, str], state: str) -> None:
    """Tell the service manager `state`, such as "READY=1"; a no-op where none listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # the abstract namespace, unix(7)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(state.encode(), address)


class Heart:
    """Tells the manager now and then that the loop turns: `beat` is called in each turn.

    Three times within WatchdogSec=, so that one turn may be late; never where none is asked for.
    """

    def __init__(self, environment: Mapping[str, str], clock: Callable[[], float]) -> None:
        microseconds = environment.get("WATCHDOG_USEC", "")
        self._every = int(microseconds) / 3e6 if microseconds.isdecimal() else 0.0
        self._environment = environment
        self._clock = clock
        self._due = 0.0

    def limit(self, wait: float | None) -> float | None:
        """How many milliseconds to wait at most, where `wait` is what others want."""
        if not self._every:
            return wait
        most = self._every * 1000
        return most if wait is None else min(wait, most)

    def beat(self) -> None:
        """Tell it, if it is time."""
        if self._every and (now := self._clock()) >= self._due:
            self._due = now + self._every
            notify(self._environment, "WATCHDOG=1")
