"""The supervisor and what is started when somebody asks: sockets, the doorbell, calls."""

from __future__ import annotations

import os
import select
import signal
import socket
from pathlib import Path

from tests.hotspot.life import DEADLINE, living
from tests.hotspot.supervisor.stepping import READY, Step

SOCKETS: Step = ("sockets", "here")


def test_sockets_outlive_a_child(tmp_path: Path, free_port: int) -> None:
    """A connection made while the server is dead is answered by the one that follows."""
    step = ("web", "stays", "serves")
    with living(tmp_path, SOCKETS, step, port=free_port) as life:
        first = life.journal.until("web up")
        with socket.create_connection(("127.0.0.1", free_port), DEADLINE) as before:
            assert int(before.recv(20)) == first
        kill_and_see_it_dead(first)
        with socket.create_connection(("127.0.0.1", free_port), DEADLINE) as after:
            assert int(after.recv(20)) == life.journal.until("web up", 2)


def kill_and_see_it_dead(pid: int) -> None:
    """SIGKILL takes a moment to arrive: a server in `accept` may take one more connection."""
    pidfd = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([pidfd], [], [], DEADLINE)[0]
    os.close(pidfd)


def ring(tmp_path: Path) -> None:
    """What the portal does after a commit."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.sendto(b"\0", str(tmp_path / "journal.bell"))


def test_the_doorbell_starts_delivery(tmp_path: Path, free_port: int) -> None:
    """It runs once at the start and once for each ring, also when it never listens itself."""
    steps = (SOCKETS, ("deliver", "rung", "once", "0"), READY)
    with living(tmp_path, *steps, port=free_port) as life:
        for times in (1, 2, 3):
            life.journal.until("deliver ran", times)
            ring(tmp_path)
        life.journal.until("deliver ran", 4)
        status, written = life.stop()
        assert (status, written) == (0, "vestibule: going down\n")
        assert life.journal.rest().count("deliver ran") == 4


def call(tmp_path: Path) -> int:
    """Ask what is called by a connection for its number."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(DEADLINE)
        asking.connect(str(tmp_path / "journal.desk"))
        return int(asking.recv(20))


def test_a_call_starts_who_answers(tmp_path: Path, free_port: int) -> None:
    """Nobody runs until somebody asks; who has answered may go, and the next one is started."""
    steps = (SOCKETS, ("radio", "called", "answers"), READY)
    with living(tmp_path, *steps, port=free_port) as life:
        life.journal.until("ready ran")
        assert "radio up" not in life.journal.seen
        for times in (1, 2, 3):
            assert call(tmp_path) == life.journal.until("radio up", times)
        life.journal.until("radio down", 3)
        status, written = life.stop()
        assert life.journal.rest().count("radio up") == 3
    assert (status, written) == (0, "vestibule: going down\n")


def test_who_dies_while_it_answers_is_started_again(tmp_path: Path, free_port: int) -> None:
    """It may have left something half done; whoever waits is answered by the next one."""
    steps = (SOCKETS, ("radio", "called", "stays"), READY)
    with living(tmp_path, *steps, port=free_port) as life:
        life.journal.until("ready ran")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.connect(str(tmp_path / "journal.desk"))
            for times in (1, 2):
                os.kill(life.journal.until("radio up", times), signal.SIGKILL)
            life.journal.until("radio up", 3)
        _, written = life.stop()
    died = "vestibule: radio was ended by signal 9 (Killed), starts again in"
    assert written.splitlines()[:2] == [f"{died} 0.1 s", f"{died} 0.2 s"]


def test_failing_delivery_is_put_off(tmp_path: Path, free_port: int) -> None:
    """A deliverer that fails is tried again by itself, ever later; success forgets that."""
    steps = (SOCKETS, ("deliver", "rung", "once", "1", "1", "0", "1", "0"))
    with living(tmp_path, *steps, port=free_port) as life:
        life.journal.until("deliver ran", 3)
        ring(tmp_path)
        life.journal.until("deliver ran", 5)
        _, written = life.stop()
    failed = "vestibule: deliver exited with status 1, starts again in"
    assert written.splitlines()[:3] == [f"{failed} 0.1 s", f"{failed} 0.2 s", f"{failed} 0.1 s"]
