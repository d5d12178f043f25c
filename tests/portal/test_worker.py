"""The worker in a real gunicorn, and the internals of gunicorn that it leans on."""

from __future__ import annotations

import inspect
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest
from gunicorn.http import wsgi
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

from portal import probes
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Event
from portal.worker import PoliteWorker
from tests.portal.reading import token_in
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


def test_a_later_minor_version_is_answered_in_ours(portal: Portal) -> None:
    """What is answered claims HTTP/1.1, the most that is spoken here."""
    request = own(portal, extra="Connection: close\r\n").replace(b"HTTP/1.1", b"HTTP/1.8")

    assert portal.exchange(request).startswith(b"HTTP/1.1 200 OK\r\n")


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


PROBE = b"GET / HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n"


def until(portal: Portal, start: bytes) -> bytes:
    """The first answer to an Apple probe that begins so, asked for again and again."""
    deadline = time.monotonic() + DEADLINE
    while not (answer := portal.exchange(PROBE)).startswith(start):
        assert time.monotonic() < deadline, portal.stderr()
        time.sleep(0.02)
    return answer


def deliver(folder: Path) -> None:
    """What the delivery process does to the store when its backend has taken the record."""
    with Store(folder / "records.db") as store:
        task = store.due(["keep"])
        assert task
        assert store.happen(task, Event.BEGUN)
        assert store.happen(task, Event.DELIVERED)


def test_a_delivered_record_releases_its_client(tmp_path: Path) -> None:
    """The worker finds out by itself; until then the client is captive."""
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    with portal_process(tmp_path) as portal:
        page = portal.exchange(own(portal, extra="Connection: close\r\n")).decode()
        form = f"ssid=Home&passphrase=12345678&token={token_in(page)}".encode()
        length = f"Content-Length: {len(form)}\r\nConnection: close\r\n"
        posted = portal.exchange(own(portal, "POST", "/setup", length + kind) + form)
        assert posted.startswith(b"HTTP/1.1 303 ")
        assert portal.exchange(PROBE).startswith(b"HTTP/1.1 302 ")
        deliver(tmp_path)
        online = until(portal, b"HTTP/1.1 200 ")
        success = probes.online("captive.apple.com", "/")
        assert success
        assert online == success.wire()
    assert portal.stderr().count("\n") == 1, "nothing but the counts"


def test_a_lease_that_ends_is_forgotten(tmp_path: Path) -> None:
    """The worker removes the file that the resolver looks for, though nobody asks anything."""
    file = tmp_path / "released" / "127.0.0.1"
    lease = "127.0.0.1 * *\n"
    (tmp_path / "dnsmasq.leases").write_text(f"0 02:00:00:00:01:00 {lease}")
    with portal_process(tmp_path) as portal:
        extra = "Content-Length: 0\r\nConnection: close\r\n"
        answer = portal.exchange(own(portal, "POST", "/api/v1/release", extra))
        assert answer.endswith(b'\r\n\r\n{"released":true}\n')
        assert file.exists()
        (tmp_path / "dnsmasq.leases").write_text(f"0 02:00:00:00:02:00 {lease}")
        deadline = time.monotonic() + DEADLINE
        while file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert portal.exchange(PROBE).startswith(b"HTTP/1.1 302 ")


class Chores:
    """A site as far as the worker's chores go: which threads did them, and when one may end."""

    def __init__(self) -> None:
        self.busy = False
        self.threads: list[int] = []
        self.may_end = threading.Event()

    def chores(self) -> None:
        self.threads.append(threading.get_ident())
        assert self.may_end.wait(DEADLINE)


@pytest.fixture
def worker() -> Iterator[PoliteWorker]:
    """A worker that has threads, but no socket and no loop."""
    worker = PoliteWorker.__new__(PoliteWorker)
    worker.app = Chores()
    worker.tpool = ThreadPoolExecutor(2)
    yield worker
    worker.app.may_end.set()
    worker.tpool.shutdown()


def test_chores_are_done_in_a_thread_and_one_at_a_time(worker: PoliteWorker) -> None:
    """However slow the disk: the loop goes on, and does not ask again meanwhile."""
    worker.see_to_chores()
    assert not worker.app.threads, "nobody waits, so nothing is done"

    worker.app.busy = True
    for _ in range(3):
        worker.chores_due = 0.0
        worker.see_to_chores()
    worker.app.may_end.set()
    assert worker.chores is not None
    worker.chores.result(DEADLINE)
    assert len(worker.app.threads) == 1
    assert threading.get_ident() not in worker.app.threads

    worker.see_to_chores()
    assert len(worker.app.threads) == 1, "not before a second is over"
    worker.chores_due = 0.0
    worker.see_to_chores()
    worker.chores.result(DEADLINE)
    assert len(worker.app.threads) == 2


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
