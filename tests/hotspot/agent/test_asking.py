"""The client: events as they come, and one exception for everything else."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspot.agent import asking
from hotspot.errors import Refused
from tests.hotspot.agent.fakes import DEADLINE

STATUS = {"verb": "status"}


@contextlib.contextmanager
def saying(path: Path, words: bytes, *, stay: bool = False) -> Iterator[None]:
    """Somebody at the socket who says this to the first who asks, and closes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        done = threading.Event()

        def answer() -> None:
            with listener.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(words)
                if stay:
                    done.wait(DEADLINE)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(DEADLINE)


def test_events_as_they_come(tmp_path: Path) -> None:
    """One after the other, until the last; `answer` gives only that one."""
    lines = b'{"event":"scanning","done":1,"of":2}\n{"event":"networks","networks":[]}\n'
    with saying(tmp_path / "s", lines):
        told = list(asking.ask(tmp_path / "s", {"verb": "scan"}))
    assert [event["event"] for event in told] == ["scanning", "networks"]
    with saying(tmp_path / "t", lines):
        assert asking.answer(tmp_path / "t", {"verb": "scan"})["networks"] == []


def test_a_refusal(tmp_path: Path) -> None:
    """The agent's no has its reason and its field."""
    with (
        saying(tmp_path / "s", b'{"event":"refused","what":"busy","field":"key"}\n'),
        pytest.raises(asking.Declined) as no,
    ):
        asking.answer(tmp_path / "s", STATUS)
    assert (no.value.reason, no.value.field) == ("busy", "key")
    assert str(no.value) == "key: busy: see `vestibule status`"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (b"", "the radio agent ended in the middle"),
        (b'{"event":"scanning","done":1,"of":2}\n', "the radio agent ended in the middle"),
        (b'{"event":"sta', "the radio agent is not understood"),
        (b"HTTP/1.1 400 Bad Request\r\n", "the radio agent is not understood"),
        (b"x" * 70_000 + b"\n", "the radio agent is not understood"),
    ],
)
def test_an_agent_that_is_none(tmp_path: Path, words: bytes, what: str) -> None:
    """What is cut off, or is another program's, is said in one line with a remedy."""
    with saying(tmp_path / "s", words), pytest.raises(Refused, match=what):
        list(asking.ask(tmp_path / "s", STATUS))


def test_an_agent_that_says_nothing(tmp_path: Path) -> None:
    """After its patience the asker gives up."""
    with (
        saying(tmp_path / "s", b"", stay=True),
        pytest.raises(Refused, match="says nothing more"),
    ):
        list(asking.ask(tmp_path / "s", STATUS, patience=0.1))


@pytest.mark.parametrize("name", ["none", "x" * 200])
def test_nobody_there(tmp_path: Path, name: str) -> None:
    """The refusal names the socket and the command that makes it."""
    with pytest.raises(Refused, match="no radio agent at ") as refusal:
        list(asking.ask(tmp_path / name, STATUS))
    assert "vestibule run" in refusal.value.remedy
