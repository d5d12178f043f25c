"""`deliver` as a process: woken by the doorbell, stopped by SIGTERM, alone by its lock."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from portal.provisioning.delivery.doorbell import ring
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from portal.provisioning.record import Record, from_json
from tests.portal.provisioning.fakes import a_record

DEADLINE = 30.0

# What a supervisor does: the bell as descriptor 3, LISTEN_PID, and then the program itself.
START = """
import os, sys
bell = int(sys.argv[1])
os.dup2(bell, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "portal.provisioning", *sys.argv[2:]])
"""


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[socket.socket]:
    """The doorbell, as the supervisor holds it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(tmp_path / "deliver.sock"))
        yield bell


@contextmanager
def delivering(state: Path, bell: socket.socket, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A running `deliver`, killed at the end if it has not ended by then."""
    argv = [sys.executable, "-c", START, str(bell.fileno()), "deliver", "--state", str(state)]
    argv += words
    with subprocess.Popen(
        argv, pass_fds=[bell.fileno()], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str], *words: str) -> str:
    """The next line it says that holds all the words."""
    assert process.stderr is not None
    for said in process.stderr:
        if all(word in said for word in words):
            return said
    raise AssertionError(f"it ended without a word of {words}")


def accept(state: Path, *records: Record) -> None:
    """Keep the records, as the portal does."""
    with Store(state / "records.db") as store:
        for record in records:
            store.accept(record, ["keep"])


def state_of(state: Path, record: Record) -> State:
    """What the store says of the record."""
    with Store(state / "records.db") as store:
        life = store.state(record.id)
    assert life is not None
    return life.state


def test_delivers_and_ends(tmp_path: Path, bell: socket.socket) -> None:
    """What is pending arrives, the ring is taken, and the process ends with status 0."""
    records = [a_record() for _ in range(3)]
    accept(tmp_path, *records)
    ring(tmp_path / "deliver.sock")
    with delivering(tmp_path, bell) as process:
        assert process.wait(DEADLINE) == 0

    found = [from_json(p.read_bytes()) for p in sorted((tmp_path / "delivered").iterdir())]
    assert sorted(each.id for each in found) == sorted(record.id for record in records)
    bell.setblocking(False)
    with pytest.raises(BlockingIOError):
        bell.recv(1)


def test_a_ring_wakes_it(tmp_path: Path, bell: socket.socket) -> None:
    """While one record waits half an hour, a new one is looked at as soon as it rings."""
    first, second = a_record(), a_record()
    config = tmp_path / "config.toml"
    config.write_text(
        '[radio]\ncountry = "DE"\n[delivery.keep]\nbackend = "command"\n'
        f'argv = ["/bin/sh", "-c", "grep -q {second.id} || exit 75"]\n'
    )
    accept(tmp_path, first)
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as connection:
        connection.execute("UPDATE delivery SET attempts = 30")
    with delivering(tmp_path, bell, "--config", str(config)) as process:
        line(process, first.id, "attempt 31: ", "next in")
        accept(tmp_path, second)
        ring(tmp_path / "deliver.sock")
        line(process, second.id, "delivered at attempt 1")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0

    assert (state_of(tmp_path, first), state_of(tmp_path, second)) == (
        State.WAITING, State.DELIVERED,
    )  # fmt: skip


def test_a_ring_where_the_way_is_shut(tmp_path: Path, bell: socket.socket) -> None:
    """What keeps everything waiting is tried again with the oldest record; then all arrive."""
    first, second = a_record(), a_record()
    (tmp_path / "delivered").touch()  # a file where the folder should be
    accept(tmp_path, first, second)
    with delivering(tmp_path, bell) as process:
        line(process, first.id, "attempt 1: ", "next in")
        ring(tmp_path / "deliver.sock")
        line(process, first.id, "attempt 2: ", "next in")
        (tmp_path / "delivered").unlink()
        line(process, first.id, "delivered at attempt")
        line(process, second.id, "delivered at attempt 1")
        assert process.wait(DEADLINE) == 0


def test_sigterm_while_waiting(tmp_path: Path, bell: socket.socket) -> None:
    """Told to stop while a record waits, it ends at once with status 0 and loses nothing."""
    record = a_record()
    (tmp_path / "delivered").touch()
    accept(tmp_path, record)
    with delivering(tmp_path, bell) as process:
        line(process, record.id, "next in")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0

    assert state_of(tmp_path, record) is State.WAITING


def test_sigterm_in_the_middle_of_an_attempt(tmp_path: Path, bell: socket.socket) -> None:
    """The attempt under way is finished and kept, the next one not begun, a rival refused."""
    first, second = a_record(), a_record()
    accept(tmp_path, first, second)
    (tmp_path / "delivered").mkdir()
    fifo = tmp_path / "delivered" / f"{first.id}.json"
    os.mkfifo(fifo)
    with delivering(tmp_path, bell) as process:
        # Opening a FIFO returns when the other side has it open: the attempt is under way.
        with fifo.open("wb"):
            with delivering(tmp_path, bell) as rival:
                assert "held by another delivery" in line(rival, "deliver.lock")
                assert rival.wait(DEADLINE) == 1
            process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0

    assert state_of(tmp_path, first) is State.DELIVERED
    assert state_of(tmp_path, second) is State.ACCEPTED
    assert from_json(fifo.read_bytes()) == first
