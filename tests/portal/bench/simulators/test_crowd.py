"""Many devices in one thread, before a server that says what a test wants."""

from __future__ import annotations

import hashlib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from portal.bench.simulators.acts import Answer, Ask, Life, Wait
from portal.bench.simulators.crowd import Crowd

IMAGE = bytes(range(256)) * 800


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256


class _Handler(socketserver.StreamRequestHandler):
    """Answers with `IMAGE`, and notes what it was asked."""

    asked: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        lines = list(iter(self.rfile.readline, b"\r\n"))
        length = next((int(x[15:]) for x in lines if x.startswith(b"Content-Length:")), 0)
        self.asked.append(lines[0] + self.rfile.read(length))
        if b"/hangs" in lines[0]:
            return
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(IMAGE)}\r\n\r\n".encode()
        try:
            self.wfile.write(head + IMAGE)
        except OSError:
            # A device whose power went.
            return


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """Where it listens."""
    _Handler.asked.clear()
    with _Server(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        host, port = running.server_address[:2]
        yield str(host), port
        running.shutdown()
        thread.join()


def life(heard: list[Answer], *asks: Ask) -> Life:
    """Ask, one after the other, and keep the answers."""
    yield Wait(0.01)
    for ask in asks:
        heard.append((yield ask))  # noqa: PERF401 - each answer before the next request


def test_a_crowd_is_served_and_ends() -> None:
    """Two hundred at once, each with its own answers, in one thread."""
    heard: list[Answer] = []
    with server() as place:
        crowd = Crowd(place, [life(heard, Ask("GET", f"/{n}")) for n in range(200)])
        crowd.run(60)
        left = len(crowd)
        crowd.close()

    assert left == 0
    assert len(heard) == 200
    assert {answer.sha256 for answer in heard} == {hashlib.sha256(IMAGE).hexdigest()}
    assert len({line.split()[1] for line in _Handler.asked}) == 200


def test_power_is_cut_and_bodies_are_sent() -> None:
    """After so many bytes; slowly, too; what is posted arrives; no answer is status 0."""
    heard: list[Answer] = []
    asks = (
        Ask("GET", "/a", cut=1000),
        Ask("GET", "/b", rate=10_000_000),
        Ask("POST", "/c", {"Content-Type": "text/plain"}, b"how it went"),
        Ask("GET", "/hangs"),
    )
    with server() as place:
        crowd = Crowd(place, [life(heard, *asks)], pace=0.01)
        crowd.run(60)
        crowd.close()

    assert [(answer.status, answer.length, answer.whole) for answer in heard] == [
        (200, 1000, False),
        (200, len(IMAGE), True),
        (200, len(IMAGE), True),
        (0, 0, False),
    ]
    assert _Handler.asked[2].endswith(b"how it went")


def test_nobody_there_is_no_answer() -> None:
    """A device finds nobody, and goes on with its life."""
    heard: list[Answer] = []
    with server() as place:
        pass
    crowd = Crowd(place, [life(heard, Ask("GET", "/"))], pace=0.01)
    crowd.run(30)
    crowd.close()

    assert [answer.status for answer in heard] == [0]
