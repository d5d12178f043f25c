"""One deadline for everything, and none that reaches into the next attempt."""

from __future__ import annotations

import socket
import threading

import pytest

from portal.provisioning.backends.line import Line


class Slow(threading.Timer):
    """A watch that is late: it has run out, and hangs up only when it is let."""

    gate = threading.Event()

    def run(self) -> None:
        self.gate.wait(20)
        self.function()


def test_a_watch_that_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it does, it has done it before the next attempt begins."""
    line = Line(local=True)
    Slow.gate.clear()
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Timer", Slow)
        patch.setattr(Slow, "cancel", lambda _: Slow.gate.set())
        with pytest.raises(TimeoutError), line.bounded(60):
            pass

    with line.bounded(60):
        assert not line.cut


def test_nothing_is_left_running() -> None:
    """After an attempt, also one that failed, there are the threads that there were."""
    line, before = Line(local=True), threading.enumerate()
    for _ in range(20):
        with line.bounded(60):
            pass
        with pytest.raises(KeyError), line.bounded(60):
            raise KeyError
        assert threading.enumerate() == before


def test_a_read_without_an_answer_ends() -> None:
    """Silence ends in time, as TimeoutError, and the line is good for the next."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line, port = Line(local=True), silent.getsockname()[1]
        for _ in range(2):
            with (
                pytest.raises(TimeoutError),
                line.bounded(0.2),
                line.open("127.0.0.1", port) as wire,
            ):
                wire.recv(1)
            line.release()
