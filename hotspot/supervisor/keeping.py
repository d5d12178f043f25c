"""Children of the supervisor: started, heard, ended; and the loop that goes on meanwhile.

Nothing here decides: what becomes of a child that has ended is the supervisor's to say.
"""

from __future__ import annotations

import signal

from hotspot.log import log
from hotspot.supervisor.loop import Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from hotspot.supervisor.children import Child
    from hotspot.supervisor.order import Step

# Seconds that what a dead child has left behind may go on: a gunicorn worker whose arbiter was
# killed finishes the answers it has begun, and no phone sees a reset.
LEFT_BEHIND = 5
# Seconds that a step in the middle of its work has to end after SIGTERM.
INTERRUPTED = 10


class Stopping(Exception):  # noqa: N818 - what is happening, not an error
    """A signal has asked for the end."""


class Keeper:
    """Keeps children by the names of their steps; `loop` is where all of this happens."""

    def __init__(self, loop: Loop | None = None) -> None:
        self.loop = loop or Loop()
        self.sockets: dict[str, socket.socket] = {}
        self._running: dict[str, Child] = {}
        self._left_behind: list[Child] = []
        self._going_down = False

    def _ended(self, step: Step, child: Child) -> None:
        """A child has ended."""
        raise NotImplementedError(step, child)

    def _turn(self, until: float | None = None) -> None:
        self.loop.turn(until)
        if self.loop.stopping and not self._going_down:
            raise Stopping

    def _begin(self, step: Step, child: Child) -> None:
        self._running[step.name] = child
        self.loop.watch(child.pidfd, lambda: self._ended(step, child))
        if child.output is not None:
            self.loop.watch(child.output, lambda: self._spoke(child))

    def _spoke(self, child: Child) -> None:
        for line in child.read(self.loop.clock()):
            log(line)
        if child.silent and child.output is not None:
            self.loop.forget(child.output)

    def _collect(self, child: Child) -> None:
        if child.output is not None:
            self.loop.forget(child.output)
        if child in self._left_behind:
            self._left_behind.remove(child)
        for line in child.collect(self.loop.clock()):
            log(line)

    def _end(self, name: str, patience: float) -> None:
        """End a child: SIGTERM, and SIGKILL when its time is up."""
        child = self._running.get(name)
        if child is None:
            return
        child.send(signal.SIGTERM)
        if not self._ends_within(name, patience):
            log(f"vestibule: {name} does not end: killed")
            child.send_all(signal.SIGKILL)
            self._ends_within(name, INTERRUPTED)

    def _ends_within(self, name: str, patience: float) -> bool:
        """Go on with everything until this child has ended; False if it has not in time."""
        until = self.loop.clock() + patience
        while name in self._running and self.loop.clock() < until:
            self._turn(until)
        return name not in self._running


def how(status: int) -> str:
    """How a child ended, from its status or minus its signal, as a part of a sentence."""
    if status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"exited with status {status}"
