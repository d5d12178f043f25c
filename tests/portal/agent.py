"""A radio agent for tests: the real protocol over a real Unix socket, doing as a test says."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEADLINE = 20.0
STEPS = (
    "found", "authenticated", "associated", "lease", "gateway", "internet", "stable", "kept",
)  # fmt: skip
ADDRESS = "192.168.77.131/24"

Event = Mapping[str, Any]


def went(step: str, *states: str) -> list[Event]:
    """The events of a step: begun, and then these."""
    return [{"event": "step", "step": step, "state": state} for state in ("begun", *states)]


def ended(key: str, outcome: str, step: str = "kept", **detail: object) -> Event:
    """A join's last event."""
    return {"event": "outcome", "outcome": outcome, "step": step, "key": key, **detail}


def connected(key: str) -> list[Event]:
    """All events of a join that goes well."""
    steps = [event for step in STEPS for event in went(step, "done")]
    end = ended(
        key, "connected", address=ADDRESS, gateway="192.168.77.1", internet=True, overlaps=False,
        hostname="raspberrypi",
    )  # fmt: skip
    return [*steps, end]


def failing(key: str, outcome: str, at: str) -> list[Event]:
    """All events of a join that ends at a step."""
    before = [event for step in STEPS[: STEPS.index(at)] for event in went(step, "done")]
    return [*before, *went(at), ended(key, outcome, at)]


class Call:
    """One connection to the agent: what was asked, and the means to answer."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._stream.settimeout(DEADLINE)
        with stream.makefile("rb") as file:
            self.request = json.loads(file.readline() or b"{}")

    @property
    def verb(self) -> str:
        """What is asked for."""
        return str(self.request.get("verb"))

    @property
    def key(self) -> str:
        """Of which join."""
        return str(self.request.get("key"))

    def say(self, *events: Event | bytes) -> None:
        """Tell these events."""
        for event in events:
            line = event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n"
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._stream.sendall(line)

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        self._stream.close()

    def ends(self, *events: Event | bytes) -> None:
        """Tell these events, and hang up."""
        self.say(*events)
        self.close()


class FakeAgent:
    """The socket at `path`. A test takes each call in its turn: `next()`.

    `status` is answered by itself, from `join` and `kept`, unless `calls_status` is set.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._calls: queue.Queue[Call] = queue.Queue()
        self._met: list[Call] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(16)
        self.join: Event | None = None
        self.kept: Event | None = None
        self.asked: list[Event] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            call = Call(stream)
            self._met.append(call)
            self.asked.append(call.request)
            if call.verb == "status":
                call.ends({"event": "status", "state": "serving", "join": self.join,
                           "kept": self.kept})  # fmt: skip
            else:
                self._calls.put(call)

    def next(self, verb: str) -> Call:
        """The next call, which asks for this."""
        call = self._calls.get(timeout=DEADLINE)
        assert call.verb == verb, call.request
        return call

    def quiet(self) -> bool:
        """Whether nobody has called who was not answered."""
        return self._calls.empty()

    def close(self) -> None:
        """Go, and leave no socket."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(DEADLINE)
        for call in self._met:
            call.close()
        self._path.unlink(missing_ok=True)


@contextmanager
def fake_agent(path: Path) -> Iterator[FakeAgent]:
    """An agent at `path`, gone at the end."""
    agent = FakeAgent(path)
    try:
        yield agent
    finally:
        agent.close()


@contextmanager
def demo_agent(runtime: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real agent with its radio of thin air, fifty times as quick, on RUNTIME/radio.sock."""
    path = runtime / "radio.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(16)
        process = subprocess.Popen(
            [sys.executable, "-c", _HAND_ON, *_argv(runtime, words)], stdin=listener.fileno()
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(DEADLINE)
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - as the supervisor does


def _argv(runtime: Path, words: Sequence[str]) -> list[str]:
    argv = [sys.executable, "-m", "hotspot.agent", "--demo", "--pace=0.02", "--idle=60"]
    return [*argv, f"--state={runtime}", f"--runtime={runtime}", *words]


# sd_listen_fds(3) wants the process's own number, known only to itself.
_HAND_ON = """
import os, sys
os.dup2(0, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
"""
