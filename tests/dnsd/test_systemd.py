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
