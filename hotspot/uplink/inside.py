"""The parent's side of `hotspot.uplink.trial`: the namespace made, and each order waited for."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final, Self

from hotspot.netlink import Links
from hotspot.uplink import lease
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.supplicant import ended
from hotspot.uplink.waiting import Over

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hotspot.uplink.lease import Lease

# Python's own start: 0.3 s on a Pi Zero 2 W, 4 s and far more in the loaded lab.
_START_SECONDS: Final = 60.0
_LARGEST: Final = 65_536
# As the trial calls it; its module is the child's, not ours to load.
_INTERFACE: Final = "home"
# In RUNTIME: where systemd is called for one.
DESK: Final = "trial.sock"


class Inside:
    """A process inside the home network; a context manager.

    It starts at once, so that it is ready when the network has let us in; then `enter` puts it
    behind the station interface. `wait(descriptor, deadline)` says whether the descriptor became
    readable in time. The namespace and all that is in it end with it. Failures are `Over`.

    Behind the socket `desk`, where there is one, systemd starts it, with less rights than ours.
    """

    def __init__(self, wait: Callable[[int, float], bool], desk: Path | None = None) -> None:
        self._wait = wait
        self._leaving = contextlib.ExitStack()
        called = _called(desk) if desk else None
        if called:
            self._leaving.enter_context(called)
            self._orders = self._replies = called.fileno()
        else:
            self._process = _started()
            self._leaving.callback(_end, self._process)
            assert self._process.stdin is not None  # noqa: S101 - made with a pipe
            assert self._process.stdout is not None  # noqa: S101 - made with a pipe
            self._orders = self._process.stdin.fileno()
            self._replies = self._process.stdout.fileno()
        self._received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._leaving.close()

    def enter(self, index: int) -> None:
        """Put it behind the station interface `index`."""
        ready = self._reply(_START_SECONDS)
        if not ready:
            raise Over(Outcome.FAILED, what="the home network's trial does not start")
        try:
            with Links() as links:
                # It says so before it has met anything of the network's.
                links.add_child(index, _INTERFACE, int(ready["pid"]))
        except OSError as error:
            what = f"this kernel has no ipvlan for the home network's trial ({error.strerror})"
            raise Over(Outcome.FAILED, what=what) from error

    def take(self, found: Lease, seconds: float) -> None:
        """Have it take the address."""
        self._ask({"do": "take", "lease": lease.written(found)}, seconds)

    def gateway_answers(self, found: Lease, seconds: float) -> bool:
        """Whether the gateway is there."""
        words = {"own": str(found.address.ip), "gateway": str(found.gateway)}
        return bool(self._ask({"do": "gateway", **words}, seconds).get("answers"))

    def reach(self, found: Lease, seconds: float) -> tuple[str, str]:
        """How far the network leads (`hotspot.uplink.internet.Reach`), and a portal's URL."""
        resolvers = [str(one) for one in found.resolvers]
        done = self._ask({"do": "reach", "resolvers": resolvers}, seconds)
        return str(done.get("reach", "nowhere")), str(done.get("url", ""))

    def _ask(self, order: dict[str, object], seconds: float) -> dict[str, Any]:
        """The answer to one order; {} when there was none in time."""
        with contextlib.suppress(BrokenPipeError):
            # A pipe and a socket each take a line as a whole: there is room for many.
            os.write(self._orders, json.dumps(order).encode("ascii") + b"\n")
        done = self._reply(seconds)
        if "error" in done:
            raise Over(Outcome.FAILED, what=f"the home network's trial failed ({done['error']})")
        return done

    def _reply(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._received:
            if not self._wait(self._replies, deadline):
                return {}
            piece = os.read(self._replies, _LARGEST)
            if not piece:
                raise Over(Outcome.FAILED, what="the home network's trial has ended; see the log")
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found


def _called(desk: Path) -> socket.socket | None:
    """A connection to the one that systemd starts; `None` where it keeps no socket for that."""
    calling = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        calling.connect(str(desk))
    except OSError:
        calling.close()
        return None
    return calling


def _end(process: subprocess.Popen[bytes]) -> None:
    ended(process)
    for pipe in (process.stdin, process.stdout):
        # What it was told last may have had no reader.
        with contextlib.suppress(BrokenPipeError):
            pipe.close() if pipe else None


def _started() -> subprocess.Popen[bytes]:
    argv = ["unshare", "--net", "--", sys.executable, "-m", "hotspot.uplink.trial"]
    if shutil.which("setpriv"):
        # When the agent is killed, nothing of the attempt is left behind.
        argv = ["setpriv", "--pdeathsig", "KILL", "--", *argv]
    try:
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as error:
        what = f"the home network's trial cannot be started ({error.strerror})"
        raise Over(Outcome.FAILED, what=what) from error
