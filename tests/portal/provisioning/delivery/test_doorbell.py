"""The doorbell: rings are heard, never waited for, and a signal to stop is never missed."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.provisioning.delivery.doorbell import Doorbell, ring

LONG = 60.0


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[socket.socket]:
    """A doorbell's socket, as a supervisor opens it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(tmp_path / "deliver.sock"))
        yield bell


def readable(bell: socket.socket) -> bool:
    """Whether a ring waits."""
    return bool(select.select([bell], [], [], 0)[0])


def test_a_ring_ends_the_wait(bell: socket.socket, tmp_path: Path) -> None:
    """A ring before or during the wait wakes at once, and is gone once taken."""
    with Doorbell(bell) as door:
        ring(tmp_path / "deliver.sock")
        began = time.monotonic()
        door.wait(LONG)
        door.hush()
        assert not readable(bell)
        threading.Timer(0.05, ring, [tmp_path / "deliver.sock"]).start()
        door.wait(LONG)

        assert time.monotonic() - began < LONG
        assert not door.stopping


def test_hush_leaves_the_sockets_flags_alone(bell: socket.socket) -> None:
    """The supervisor shares the socket: it stays blocking."""
    with Doorbell(bell) as door:
        door.hush()

    assert os.get_blocking(bell.fileno())


def test_nobody_is_there(tmp_path: Path) -> None:
    """A ring without a socket, or at a path no socket can have, is no error."""
    ring(tmp_path / "deliver.sock")
    ring(tmp_path / ("x" * 200))


def test_a_full_socket_does_not_hold_up_the_portal(bell: socket.socket, tmp_path: Path) -> None:
    """Rings beyond what the socket holds are dropped, and hush takes all of them."""
    with Doorbell(bell) as door:
        for _ in range(2_000):
            ring(tmp_path / "deliver.sock")
        assert readable(bell)
        door.hush()

        assert not readable(bell)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop(bell: socket.socket, number: signal.Signals) -> None:
    """A signal before the wait or in it ends it, and the handlers are put back after."""
    before = signal.getsignal(number)
    with Doorbell(bell) as door:
        threading.Timer(0.05, os.kill, [os.getpid(), number]).start()
        door.wait(LONG)
        assert door.stopping
        door.wait(LONG)

    assert signal.getsignal(number) is before


def test_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by hand, it looks again by itself after a short while."""
    monkeypatch.setattr("portal.provisioning.delivery.doorbell._DEAF_LOOK", 0.01)
    began = time.monotonic()
    with Doorbell(None) as door:
        door.hush()
        door.wait(LONG)

    assert time.monotonic() - began < LONG
