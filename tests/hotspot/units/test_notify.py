"""What a process tells systemd, and how often."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from hotspot.units import notify

if TYPE_CHECKING:
    from pathlib import Path


def test_one_datagram(tmp_path: Path) -> None:
    """The words arrive as they were said."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(5)
        notify.tell("STATUS=über allem", {"NOTIFY_SOCKET": address})
        assert manager.recv(64).decode() == "STATUS=über allem"


def test_nobody_there(tmp_path: Path) -> None:
    """Without a manager, or with one that has just gone, there is nothing to do."""
    notify.tell("READY=1", {})
    notify.tell("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "gone")})


@pytest.mark.parametrize(
    ("microseconds", "seconds"),
    [("", 20.0), ("60000000", 20.0), ("30000000", 10.0), ("soon", 20.0)],
)
def test_thrice_within_the_watchdogs_time(microseconds: str, seconds: float) -> None:
    """One sign of life may be late, and nobody is woken more often than they want."""
    assert notify.pace(20.0, {"WATCHDOG_USEC": microseconds}) == seconds
