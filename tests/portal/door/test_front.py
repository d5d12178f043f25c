"""The event loop at the door, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from portal.door import connection as limits
from portal.door.connection import Connection, State
from portal.door.front import DRAIN_LIMIT, Front
from portal.door.paper import Reply

READY = b"HTTP/1.1 302 Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
PROBE = b"GET / HTTP/1.1\r\nHost: probe\r\n\r\n"
PAGE = b"GET / HTTP/1.1\r\nHost: page\r\n\r\n"
DEADLINE = 10.0


def ready(head: bytes, peer: bytes) -> bytes | None:
    """Stands for the table of probes."""
    assert len(peer) == 16
    return READY if b"Host: probe" in head else None


def refusal(status: int) -> bytes:
    """Stands for the worker's refusals."""
    return b"HTTP/1.1 %d No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status


@dataclass
class Threads:
    """The port to the threads: keeps what was handed over, and answers when told to."""

    replies: Callable[[bytes], Reply | None] = lambda request: Reply(b"<" + request + b">")
    requests: list[bytes] = field(default_factory=list)
    waiting: list[Connection] = field(default_factory=list)
    front: Front | None = None

    def submit(self, connection: Connection, request: bytes) -> None:
        """Take a request."""
        assert self.front is not None
        self.requests.append(request)
        reply = self.replies(request)
        if reply is None:
            self.waiting.append(connection)
        else:
            self.front.finished(connection, reply)


@dataclass
class House:
    """A Front that runs in a thread of its own."""

    front: Front
    threads: Threads
    address: tuple[str, int]
    errands: list[Callable[[], None]] = field(default_factory=list)

    def visit(self, *, small_buffer: bool = False) -> socket.socket:
        """A client's new connection."""
        client = socket.socket()
        if small_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.connect(self.address)
        return client

    def asks(self, request: bytes) -> bytes:
        """One request, and all that comes back until the server ends it."""
        with self.visit() as client:
            client.sendall(request)
            return everything(client)

    def empties(self) -> None:
        """Wait until nobody is inside any more."""
        deadline = time.monotonic() + DEADLINE
        while len(self.front):
            assert time.monotonic() < deadline, "somebody is still inside"
            time.sleep(0.01)


def everything(client: socket.socket) -> bytes:
    """All bytes until the end of the stream; a reset raises."""
    received = b""
    while data := client.recv(65536):
        received += data
    return received


@contextmanager
def opened(threads: Threads | None = None, *, connection_limit: int = 100) -> Iterator[House]:
    """A house with its door open."""
    threads = threads or Threads()
    listener = socket.create_server(("127.0.0.1", 0))
    front = Front(
        ready=ready,
        submit=threads.submit,
        refusal=refusal,
        clock=time.monotonic,
        body_limit=1000,
        connection_limit=connection_limit,
    )
    threads.front = front
    front.listen([listener])
    house = House(front, threads, listener.getsockname())
    closing = threading.Event()

    def live() -> None:
        while not closing.is_set():
            front.turn(0.05)
            while house.errands:
                house.errands.pop()()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield house
    finally:
        closing.set()
        thread.join(DEADLINE)
        front.close()
        listener.close()


def test_a_probe_is_answered_and_ended() -> None:
    """The ready answer, whole, then the end of the stream."""
    with opened() as house:
        assert house.asks(PROBE) == READY
        assert not house.threads.requests
        house.empties()


@pytest.mark.parametrize("size", [1, 7, 30])
def test_a_request_in_pieces_is_one_request(size: int) -> None:
    """However the bytes arrive, they make the same request."""
    body = b"x" * 50
    request = b"POST / HTTP/1.1\r\nHost: page\r\nContent-Length: 50\r\n\r\n" + body
    with opened() as house, house.visit() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), size):
            client.sendall(request[start : start + size])

        assert everything(client) == b"<" + request + b">"
        assert house.threads.requests == [request]


def test_a_probe_in_pieces_is_answered_inside() -> None:
    """A head that comes in two parts is met on the doorstep and answered behind it."""
    with opened() as house, house.visit() as client:
        client.sendall(PROBE[:10])
        client.sendall(PROBE[10:])

        assert everything(client) == READY


def test_a_connection_lives_on() -> None:
    """Kept alive, it carries one request after the other, also when they come together."""
    threads = Threads(replies=lambda _: Reply(b"[ok]", keep_alive=True))
    with opened(threads) as house, house.visit() as client:
        client.sendall(PAGE)
        assert client.recv(100) == b"[ok]"
        client.sendall(PAGE + PAGE + PROBE)

        assert everything(client) == b"[ok][ok]" + READY
        assert threads.requests == [PAGE] * 3


def test_an_idle_crowd_keeps_nobody_waiting() -> None:
    """Silent, half-said and unread connections hold no thread and delay no probe."""
    with opened() as house:
        idle = [house.visit() for _ in range(60)]
        for number, client in enumerate(idle):
            client.sendall((b"", b"GET / HT", PROBE)[number % 3])

        assert all(house.asks(PROBE) == READY for _ in range(50))
        for client in idle:
            client.close()
        house.empties()


def test_the_newcomer_always_gets_in() -> None:
    """Past the limit, whoever has kept us waiting longest makes room."""
    with opened(connection_limit=8) as house:
        silent = [house.visit() for _ in range(20)]

        assert house.asks(PROBE) == READY
        assert house.asks(PAGE) == b"<" + PAGE + b">"
        for client in silent:
            client.close()


@contextmanager
def alone(*, connection_limit: int) -> Iterator[House]:
    """A house whose loop turns only when the test says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads = Threads()
        front = Front(
            ready=ready,
            submit=threads.submit,
            refusal=refusal,
            clock=time.monotonic,
            body_limit=1000,
            connection_limit=connection_limit,
        )
        threads.front = front
        front.listen([listener])
        yield House(front, threads, listener.getsockname())
        front.close()


def test_who_has_spoken_is_heard_before_a_newcomer_takes_the_place() -> None:
    """The rest of a request and a newcomer come in the same turn, the newcomer first."""
    with alone(connection_limit=1) as house, house.visit() as first:
        first.sendall(PAGE[:10])
        house.front.turn(DEADLINE)
        with house.visit() as newcomer:
            newcomer.sendall(b"GET")
            first.sendall(PAGE[10:])
            house.front.turn(DEADLINE)

            assert everything(first) == b"<" + PAGE + b">"


def test_who_makes_room_is_not_reset() -> None:
    """A refusal can be read in peace, though its client had to go with its body half read."""
    head = b"POST / HTTP/1.1\r\nHost: page\r\nContent-Length: 100000\r\n\r\n"
    with alone(connection_limit=1) as house, house.visit() as refused:
        refused.sendall(head)
        house.front.turn(DEADLINE)
        refused.sendall(b"b" * 100_000)
        with house.visit() as newcomer:
            newcomer.sendall(b"GET")
            house.front.turn(DEADLINE)

            assert everything(refused).startswith(b"HTTP/1.1 413 ")
            assert refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000, b"431"),
        (b"POST / HTTP/1.1\r\nHost: page\r\nContent-Length: 1001\r\n\r\n" + b"b" * 1001, b"413"),
        (b"POST / HTTP/1.1\r\nHost: page\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
    ],
)
def test_what_is_too_much_is_refused_in_peace(request_bytes: bytes, status: bytes) -> None:
    """The refusal is readable to the end, though part of the request was never looked at."""
    with opened() as house:
        assert house.asks(request_bytes).startswith(b"HTTP/1.1 " + status)
        assert not house.threads.requests


def test_a_large_body_is_drained_not_reset() -> None:
    """A client that sends a megabyte nobody wants still reads why."""
    head = b"POST / HTTP/1.1\r\nHost: page\r\nContent-Length: 1048576\r\n\r\n"
    assert DRAIN_LIMIT > 1 << 20
    with opened() as house, house.visit() as client:
        client.sendall(head)
        client.sendall(b"z" * (1 << 20))

        assert everything(client).startswith(b"HTTP/1.1 413")


def test_a_slow_upload_outlasts_the_linger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever announced a body that nobody wants may take its time to send it."""
    monkeypatch.setitem(limits.SECONDS, State.LINGERING, 0.1)
    head = b"POST / HTTP/1.1\r\nHost: page\r\nContent-Length: 80000\r\n\r\n"
    with opened() as house, house.visit() as client:
        client.sendall(head)
        for _ in range(8):
            time.sleep(0.1)
            client.sendall(b"z" * 10_000)

        assert everything(client).startswith(b"HTTP/1.1 413")


def test_a_waiting_client_is_told_to_go_on() -> None:
    """`Expect: 100-continue` is answered before the body, once."""
    head = b"POST / HTTP/1.1\r\nHost: page\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    with opened() as house, house.visit() as client:
        client.sendall(head)
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"bo")
        client.sendall(b"dy")

        assert everything(client) == b"<" + head + b"body>"


def test_a_slow_reader_gets_it_all() -> None:
    """An answer larger than the socket's buffers is written as the client reads."""
    page = bytes(range(256)) * 40_000
    with opened(Threads(replies=lambda _: Reply(page))) as house:
        with house.visit(small_buffer=True) as client:
            client.sendall(PAGE)

            assert everything(client) == page
        house.empties()


def test_time_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that never finishes its head is shown out, politely; one that never closes too."""
    monkeypatch.setitem(limits.SECONDS, State.READING, 0.2)
    monkeypatch.setitem(limits.SECONDS, State.LINGERING, 0.2)
    with opened() as house, house.visit() as slow, house.visit() as rude:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        rude.sendall(PROBE)

        assert everything(slow) == b""
        assert everything(rude) == READY
        house.empties()


def test_an_answer_for_someone_gone_is_dropped() -> None:
    """A client may leave while its page is being made."""
    threads = Threads(replies=lambda _: None)
    with opened(threads) as house:
        with house.visit() as client:
            client.sendall(PAGE)
            deadline = time.monotonic() + DEADLINE
            while not threads.waiting:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            # A reset, as from a phone that has left the network.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        house.empties()
        house.errands.append(lambda: house.front.finished(threads.waiting[0], Reply(b"late")))

        assert house.asks(PROBE) == READY


def test_leaving_ends_keep_alive() -> None:
    """Once the door is closed, those inside get their answers and no further turn."""
    threads = Threads(replies=lambda _: Reply(b"[ok]", keep_alive=True))
    with opened(threads) as house, house.visit() as client:
        client.sendall(PAGE)
        assert client.recv(100) == b"[ok]"
        stopped = threading.Event()
        # The last to be added is run first.
        house.errands.extend([stopped.set, house.front.stop_listening])
        assert stopped.wait(DEADLINE)
        client.sendall(PAGE)

        assert everything(client) == b"[ok]"
