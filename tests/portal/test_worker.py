"""The worker in a real gunicorn, and the internals of gunicorn that it leans on."""

from __future__ import annotations

import inspect
import signal
import socket
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from gunicorn.http import wsgi
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

from tests.portal.serving import Portal, portal_process

DEADLINE = 10.0


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for the tests that leave it running."""
    with portal_process(tmp_path_factory.mktemp("portal")) as running:
        yield running


def own(portal: Portal, method: str = "GET", path: str = "/", extra: str = "") -> bytes:
    """A request under the portal's own name."""
    host = portal.url.split("/")[2]
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode()


def everything(client: socket.socket) -> bytes:
    """All bytes until the end of the stream; a reset raises."""
    received = b""
    while data := client.recv(65536):
        received += data
    return received


def test_the_release_we_know() -> None:
    """The pinned gunicorn still has what the worker replaces and calls."""
    assert version("gunicorn") == "27.0.1"
    handle = inspect.getsource(ThreadWorker.handle)
    for word in ("conn.initialized", "conn.data_ready", "conn.sock.setblocking(True)",
                 "conn.init()", "conn.is_http2", "next(conn.parser)", "self.handle_request(",
                 "self.handle_error(req, conn.sock, conn.client, e)"):  # fmt: skip
        assert word in handle
    assert "util.write(self.sock," in inspect.getsource(wsgi.Response)
    for word in ("self.tpool = ", "self.method_queue", "self.handle_exit"):
        assert word in inspect.getsource(ThreadWorker) + inspect.getsource(Worker)


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", b"400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"400"),
        ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", b"400"),
        ("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", b"400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", b"400"),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", b"400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", b"417"),
        ("GET /" + "a" * 9000 + " HTTP/1.1\r\nHost : a\r\n\r\n", b"414"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a" * 20_000 + "\r\n\r\n", b"431"),
        ("GET / HTTP/7.0\r\nHost: a\r\n\r\n", b"400"),
        ("\x16\x03\x01 a TLS hello\r\n\r\n", b"400"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
    ],
)  # fmt: skip
def test_doubtful_requests_are_refused(portal: Portal, request_text: str, status: bytes) -> None:
    """A short refusal without a word of the request, and a polite end."""
    answer = portal.exchange(request_text.encode("latin-1"))

    assert answer.split(b" ")[1] == status
    assert b"folded" not in answer
    assert len(answer) < 300


def test_a_refusal_says_nothing_in_the_log(tmp_path: Path) -> None:
    """A passphrase in a broken request line reaches neither page nor log."""
    with portal_process(tmp_path) as portal:
        answer = portal.exchange(b"GET /x?passphrase=kanarienvogel\x00 HTTP/1.1\r\n\r\n")
        assert answer.split(b" ")[1] == b"400"
        assert b"kanarienvogel" not in answer
    assert "kanarienvogel" not in portal.stderr()


def test_page_and_probes_on_held_connections(portal: Portal) -> None:
    """Twelve parallel connections of which eight are idle: the rest are answered at once."""
    idle = [portal.connect() for _ in range(8)]
    busy = [portal.connect() for _ in range(4)]
    for client in busy:
        client.sendall(own(portal, extra="Connection: close\r\n"))
    answers = [everything(client) for client in busy]
    for client in [*idle, *busy]:
        client.close()

    assert all(answer.startswith(b"HTTP/1.1 200 OK\r\n") for answer in answers)
    assert all(answer.rstrip().endswith(b"</html>") for answer in answers)


def test_a_hundred_dribblers_stop_nobody(portal: Portal) -> None:
    """Half-said requests, heads and bodies, hold no thread: pages still come."""
    dribblers = [portal.connect() for _ in range(100)]
    post = own(portal, "POST", "/setup", "Content-Length: 5000\r\n")
    for number, client in enumerate(dribblers):
        client.sendall(post + b"x" if number % 2 else b"GET / HTTP/1.1\r\nHo")

    for _ in range(5):
        page = portal.exchange(own(portal, extra="Connection: close\r\n"))
        assert page.startswith(b"HTTP/1.1 200 OK\r\n")
    for client in dribblers:
        client.close()


def test_a_reload_breaks_nothing(tmp_path: Path) -> None:
    """SIGHUP: who is inside is answered, also a half-said request; who comes next, too."""
    with portal_process(tmp_path) as portal:
        with portal.connect() as held, portal.connect() as half:
            held.sendall(own(portal))
            assert held.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
            half.sendall(b"GET / HTTP/1.1\r\n")
            portal.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + DEADLINE
            while "portal: " not in portal.stderr():
                assert time.monotonic() < deadline, "no successor"
                time.sleep(0.02)
            half.sendall(f"Host: {portal.url.split('/')[2]}\r\nConnection: close\r\n\r\n".encode())
            fresh = portal.exchange(own(portal, extra="Connection: close\r\n"))

            assert fresh.startswith(b"HTTP/1.1 200 OK\r\n")
            assert everything(half).startswith(b"HTTP/1.1 200 OK\r\n")
            assert everything(held) == b"", "a kept connection that asked nothing is ended"
        assert portal.process.poll() is None, "the same process serves on"
        portal.process.terminate()
        assert portal.process.wait(DEADLINE) == 0
