"""Sockets from, and words to, a service manager."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dnsd import systemd


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LISTEN_FDS": ""},
        {"LISTEN_FDS": "two"},
        {"LISTEN_FDS": "0", "LISTEN_PID": "7"},
        {"LISTEN_FDS": "2", "LISTEN_PID": "8"},
        {"LISTEN_FDS": "2", "LISTEN_PID": ""},
    ],
)
def test_inherits_nothing(environment: dict[str, str]) -> None:
    """Without descriptors, or with another process's, there are no sockets."""
    assert systemd.inherited(environment, 7) == []


def test_tells_that_it_is_ready(tmp_path: Path) -> None:
    """One datagram, to a path."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(5)

        systemd.notify({"NOTIFY_SOCKET": address}, "READY=1")

        assert manager.recv(64) == b"READY=1"


def test_tells_an_abstract_socket() -> None:
    """One datagram, to an abstract name, written with @ in the environment."""
    name = f"vestibule-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(5)

        systemd.notify({"NOTIFY_SOCKET": f"@{name}"}, "READY=1")

        assert manager.recv(64) == b"READY=1"


def test_tells_nobody() -> None:
    """Without a manager there is nothing to do."""
    systemd.notify({}, "READY=1")


def test_a_heart_beats_thrice_in_the_time(tmp_path: Path) -> None:
    """It tells the manager when a third of the time is over, not in every turn, and the loop does
    not sleep for longer.
    """
    address, now = str(tmp_path / "notify"), [100.0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.setblocking(False)
        told = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000000"}
        heart = systemd.Heart(told, lambda: now[0])

        assert (heart.limit(None), heart.limit(20_000.0), heart.limit(5.0)) == (10_000, 10_000, 5)
        for now[0], beats in ((100.0, True), (109.9, False), (110.0, True)):
            heart.beat()
            if beats:
                assert manager.recv(64) == b"WATCHDOG=1"
            with pytest.raises(BlockingIOError):
                manager.recv(64)


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "soon"}])
def test_nobody_feels_the_pulse(environment: dict[str, str]) -> None:
    """Without a watchdog the loop sleeps as long as it likes, and nothing is told."""
    heart = systemd.Heart(environment, lambda: 0.0)

    heart.beat()
    assert heart.limit(None) is None
    assert heart.limit(7.0) == 7.0
