"""Inherited sockets: taken when they are ours, left alone when they are not."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal.systemd import inherited, notify, pace

CHILD = """
import os, sys
from portal.systemd import inherited, notify, pace
if sys.argv[1] == "ours":
    os.environ["LISTEN_PID"] = str(os.getpid())
sockets = inherited()
print(*[(s.fileno(), s.type.name, s.get_inheritable()) for s in sockets])
print([name for name in os.environ if name.startswith("LISTEN_")])
for each in sockets:
    each.close()
"""


def child(whose: str) -> list[str]:
    """What a process says that was started with two sockets from number 3 on."""
    start = (
        "import os, socket, sys; a, b = socket.socketpair(type=socket.SOCK_DGRAM);"
        "fds = [os.dup(s.fileno()) for s in (a, b)];"
        "fds = [__import__('fcntl').fcntl(fd, 0, 10) for fd in fds];"
        "[os.dup2(fd, 3 + n) for n, fd in enumerate(fds)];"
        "os.execv(sys.executable, [sys.executable, '-c', *sys.argv[1:]])"
    )
    environment = {**os.environ, "LISTEN_FDS": "2", "LISTEN_PID": "1", "LISTEN_FDNAMES": "a:b"}
    done = subprocess.run(
        [sys.executable, "-c", start, CHILD, whose],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_ours() -> None:
    """Descriptors from 3 on become sockets no child inherits; the variables are gone."""
    assert child("ours") == ["(3, 'SOCK_DGRAM', False) (4, 'SOCK_DGRAM', False)", "[]"]


def test_another_process() -> None:
    """Sockets meant for another process are not touched; the variables are gone too."""
    assert child("another's") == ["", "[]"]


@pytest.mark.parametrize("count", ["", "0", "two", "-1"])
def test_none(count: str) -> None:
    """No number, or none that makes sense, is no socket."""
    assert inherited({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": count}) == []


def test_one_datagram(tmp_path: Path) -> None:
    """What is told arrives as it was said; where nobody listens, or any more, it is no matter."""
    address = str(tmp_path / "notify")
    notify("READY=1", {"NOTIFY_SOCKET": address})
    notify("READY=1", {})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(5)
        notify("WATCHDOG=1", {"NOTIFY_SOCKET": address})
        assert manager.recv(64) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("microseconds", "seconds"), [("", math.inf), ("30000000", 10.0), ("soon", math.inf)]
)
def test_thrice_within_the_watchdogs_time(microseconds: str, seconds: float) -> None:
    """One sign of life may be late; where none is asked for, none is given."""
    assert pace({"WATCHDOG_USEC": microseconds}) == seconds
