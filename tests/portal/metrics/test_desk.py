"""Where Prometheus asks: an answer for who asks well, an end for who does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.metrics import desk

DEADLINE = 20.0


class Asked:
    """A desk on a Unix socket, each asker served in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder / "metrics.sock")
        listener, _ = desk.chosen(f"unix:{self.place}", [])
        self.listener = listener
        self.threads: list[threading.Thread] = []
        self.desk = desk.Desk(listener, lambda: "x 1\n", self._start)

    def _start(self, act: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=act))
        self.threads[-1].start()

    def connect(self) -> socket.socket:
        asker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        asker.settimeout(DEADLINE)
        asker.connect(self.place)
        return asker

    def ask(self, request: bytes) -> bytes:
        """All that is answered."""
        with self.connect() as asker:
            self.desk.meet()
            asker.sendall(request)
            answer = b""
            while more := asker.recv(4096):
                answer += more
            return answer


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    """A desk, and nobody left behind."""
    found = Asked(tmp_path)
    yield found
    found.listener.close()
    for thread in found.threads:
        thread.join(DEADLINE)
        assert not thread.is_alive()


def test_an_answer(asked: Asked) -> None:
    """Whole, with its length and its type; HEAD is the same without the body."""
    answer = asked.ask(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4;")
    assert b"Content-Length: 4" in head
    assert body == b"x 1\n"
    assert asked.ask(b"HEAD /metrics HTTP/1.1\r\n\r\n") == head + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /metrics?a=b HTTP/1.1\r\n\r\n", b"200"),
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"\x00\xff\r\n\r\n", b"405"),
    ],
)
def test_other_requests(asked: Asked, request_bytes: bytes, status: bytes) -> None:
    """Each gets its status, none an exception."""
    assert asked.ask(request_bytes).split()[1] == status


def test_those_who_say_nothing(asked: Asked) -> None:
    """They hold two threads at most, and those for a moment only; others are sent away."""
    silent = [asked.connect() for _ in range(3)]
    for _ in silent:
        asked.desk.meet()
    assert len(asked.threads) == 2
    assert silent[2].recv(1) == b""
    for each in silent:
        each.close()
    for thread in asked.threads:
        thread.join(DEADLINE)
    assert asked.ask(b"GET /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_nobody_is_there(asked: Asked) -> None:
    """A wakening for nothing costs nothing."""
    asked.desk.meet()
    assert not asked.threads


def test_the_one_that_was_handed_in(tmp_path: Path) -> None:
    """It is known by its place, and taken out of those for the page."""
    page, ours = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    with page, ours:
        found, others = desk.chosen(f"127.0.0.1:{ours.getsockname()[1]}", [page, ours])
        assert (found, others) == (ours, [page])
    place = tmp_path / "m.sock"
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(place))
        assert desk.chosen(f"unix:{place}", [unix]) == (unix, [])


def test_its_socket_is_for_owner_and_group(asked: Asked) -> None:
    """Nobody else on this machine asks; what another portal has left is in nobody's way."""
    assert Path(asked.place).stat().st_mode & 0o777 == 0o660
    again, _ = desk.chosen(f"unix:{asked.place}", [])
    again.close()
