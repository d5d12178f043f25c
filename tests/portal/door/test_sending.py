"""Files in the loop: in fair turns, told of by what is acknowledged, let go of on every path."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.door import sending
from portal.door.connection import Connection
from portal.door.paper import File, Grant, Reply, Source
from portal.door.pieces import together
from portal.door.sending import SendingFront
from tests.portal.door.test_front import DEADLINE, PROBE, READY, everything, ready, refusal

SIZE = 3_000_000
DATA = os.urandom(SIZE)
TARGET = b"/file"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Watch:
    """What the loop tells of one download, and whether it may go on."""

    allowed: bool = True
    begun: list[tuple[int, int]] = field(default_factory=list)
    arrived: list[tuple[int, int]] = field(default_factory=list)
    endings: list[bool] = field(default_factory=list)

    def began(self, offset: int, length: int) -> None:
        self.begun.append((offset, length))

    def acknowledged(self, begin: int, end: int) -> None:
        self.arrived.append((begin, end))

    def ended(self, *, complete: bool) -> None:
        self.endings.append(complete)

    @property
    def number(self) -> int:
        """How many bytes have arrived."""
        return sum(end - begin for begin, end in together(self.arrived))


@dataclass
class Yard:
    """A SendingFront in a thread of its own; every request is answered with the same file."""

    path: Path
    front: SendingFront = field(init=False)
    address: tuple[str, int] = ("", 0)
    keep_alive: bool = True
    length: int = SIZE
    grant: Grant | None = None
    watches: list[Watch] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    waiting: list[Connection] = field(default_factory=list)
    holds: bool = False
    errands: list[Callable[[], object]] = field(default_factory=list)

    def submit(self, connection: Connection, request: bytes) -> None:
        """Stands for a thread and its view."""
        self.requests.append(request)
        if self.holds:
            self.waiting.append(connection)
        elif b" /page " in request:
            page = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"
            self.front.finished(connection, Reply(page, keep_alive=False))
        else:
            self.front.finished(connection, self.reply())

    def reply(self) -> Reply:
        """The answer with the file."""
        self.watches.append(Watch())
        self.sources.append(Source(os.open(self.path, os.O_RDONLY)))
        file = File(self.sources[-1], 0, self.length, self.watches[-1])
        return Reply(HEAD % self.length, self.keep_alive, file=file, grant=self.grant)

    def run(self, errand: Callable[[], object]) -> None:
        """Have it done in the loop's thread, and wait for that."""
        done = threading.Event()

        def do() -> None:
            errand()
            done.set()

        self.errands.append(do)
        assert done.wait(DEADLINE)

    def visit(self, *, small: bool = False, source: str = "127.0.0.1") -> socket.socket:
        """A client's new connection."""
        client = socket.socket()
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.bind((source, 0))
        client.connect(self.address)
        return client

    def asks(self, client: socket.socket, path: bytes = TARGET) -> None:
        """A request."""
        client.sendall(b"GET %b HTTP/1.1\r\nHost: yard\r\n\r\n" % path)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until it is so."""
        deadline = time.monotonic() + DEADLINE
        while not holds():
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.01)

    def closed(self) -> bool:
        """Whether no file is open any more."""
        return all(source.descriptor == -1 for source in self.sources)


@contextmanager
def opened(path: Path, *, of_a_client: int = 1000, limit: int = 600) -> Iterator[Yard]:
    """A yard with its door open."""
    path.write_bytes(DATA)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    one = Yard(path, listener.getsockname())
    one.front = front = SendingFront(
        ready=ready,
        submit=one.submit,
        refusal=refusal,
        clock=time.monotonic,
        body_limit=1000,
        connection_limit=limit,
        files_of_a_client=of_a_client,
    )
    front.listen([listener])
    closing = threading.Event()

    def live() -> None:
        while not closing.is_set():
            front.turn(0.02)
            while one.errands:
                one.errands.pop(0)()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield one
    finally:
        closing.set()
        thread.join(DEADLINE)
        front.close()
        listener.close()
        assert one.closed(), "a file has stayed open"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    """One of the usual kind."""
    with opened(tmp_path / "file") as one:
        yield one


def read(client: socket.socket, number: int) -> bytes:
    """Exactly so many bytes."""
    data = bytearray()
    while len(data) < number:
        more = client.recv(min(1 << 20, number - len(data)))
        assert more, f"the end after {len(data)}"
        data += more
    return bytes(data)


def whole(client: socket.socket, length: int = SIZE) -> bytes:
    """A file's bytes behind its head."""
    head = HEAD % length
    assert read(client, len(head)) == head
    return read(client, length)


def test_a_file_and_another_on_the_same_connection(yard: Yard) -> None:
    """Every byte, twice, and each is told of as complete."""
    with yard.visit() as client:
        for _ in range(2):
            yard.asks(client)
            assert whole(client) == DATA
    yard.until(lambda: [w.endings for w in yard.watches] == [[True], [True]])

    assert [watch.number for watch in yard.watches] == [SIZE, SIZE]
    assert yard.watches[0].begun == [(0, SIZE)]


def test_the_last_file_of_a_connection(yard: Yard) -> None:
    """Behind its last byte comes the end, politely."""
    yard.keep_alive = False
    with yard.visit() as client:
        yard.asks(client)
        assert everything(client) == HEAD % SIZE + DATA
    yard.until(lambda: yard.watches[0].endings == [True])
    yard.until(lambda: not len(yard.front))


def test_what_counts_is_what_has_arrived(yard: Yard) -> None:
    """A client that stops reading has what it has acknowledged, not what was written to it."""
    with yard.visit(small=True) as client:
        yard.asks(client)
        read(client, 100_000)
        yard.until(lambda: yard.watches[0].number > 90_000)
        # A little more than it has read lies in its own buffer.
        assert yard.watches[0].number < 100_000 + 64 * 1024
    yard.until(lambda: yard.watches[0].endings == [False])


def test_two_requests_at_once(yard: Yard) -> None:
    """The second, sent before the first is answered, gets its file too."""
    with yard.visit() as client:
        yard.asks(client)
        yard.asks(client)
        assert whole(client) == DATA
        assert whole(client) == DATA


def test_a_client_that_has_said_all_it_wants(yard: Yard) -> None:
    """A half-closed connection is served to the end."""
    with yard.visit() as client:
        yard.asks(client)
        client.shutdown(socket.SHUT_WR)
        assert everything(client) == HEAD % SIZE + DATA


@pytest.mark.parametrize("after", [0, 100_000])
def test_a_client_that_goes(yard: Yard, after: int) -> None:
    """By a reset or by an end: its file is closed and told of as not complete."""
    for linger in (b"\1\0\0\0\0\0\0\0", None):
        client = yard.visit(small=True)
        yard.asks(client)
        read(client, after)
        if linger:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        client.close()
    yard.until(lambda: [w.endings for w in yard.watches] == [[False], [False]])

    assert yard.closed()


def test_a_client_that_went_before_its_answer(yard: Yard) -> None:
    """The view's file is closed though nobody is there to take it."""
    yard.holds = True
    with yard.visit() as client:
        yard.asks(client)
        yard.until(lambda: yard.waiting)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    yard.until(lambda: yard.waiting[0].descriptor < 0)
    yard.run(lambda: yard.front.finished(yard.waiting[0], yard.reply()))

    assert yard.closed()
    assert not yard.watches[0].begun


def test_who_acknowledges_nothing_is_let_go(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the idle limit; who reads however slowly is not."""
    monkeypatch.setattr(sending, "IDLE", 1.0)
    with yard.visit(small=True) as silent, yard.visit(small=True) as slow:
        yard.asks(silent)
        yard.until(lambda: yard.watches)
        yard.asks(slow)
        deadline = time.monotonic() + DEADLINE
        while not yard.watches[0].endings:
            assert time.monotonic() < deadline
            slow.recv(2048)
            time.sleep(0.02)
        assert yard.watches[0].endings == [False]
        assert not yard.watches[1].endings


def test_a_download_that_is_revoked(yard: Yard) -> None:
    """It is cut off, in the middle."""
    with yard.visit(small=True) as client:
        yard.asks(client)
        read(client, 10_000)
        yard.watches[0].allowed = False
        yard.until(lambda: yard.watches[0].endings == [False])


def test_a_file_that_has_become_shorter(yard: Yard) -> None:
    """The connection is cut: the client sees that bytes are missing."""
    yard.length = SIZE + 10
    with yard.visit() as client:
        yard.asks(client)
        with pytest.raises((AssertionError, ConnectionResetError)):
            whole(client, SIZE + 10)
    yard.until(lambda: yard.watches[0].endings == [False])


def test_fair_turns(yard: Yard) -> None:
    """Beside twenty that read as fast as they can a probe and a page are answered."""
    stop = threading.Event()

    def greedy() -> None:
        with yard.visit() as client:
            while not stop.is_set():
                yard.asks(client)
                whole(client)

    crowd = [threading.Thread(target=greedy) for _ in range(20)]
    for one in crowd:
        one.start()
    for _ in range(20):
        with yard.visit() as client:
            client.sendall(PROBE)
            assert everything(client) == READY
        with yard.visit() as client:
            yard.asks(client, b"/page")
            assert everything(client).endswith(b"page")
    stop.set()
    for one in crowd:
        one.join(DEADLINE)

    yard.until(lambda: all(watch.endings == [True] for watch in yard.watches))


def test_two_hundred_that_stall(yard: Yard) -> None:
    """They hold no thread and keep nobody waiting."""
    crowd = [yard.visit(small=True, source=f"127.0.1.{n + 1}") for n in range(200)]
    for client in crowd:
        yard.asks(client)
    yard.until(lambda: len(yard.watches) == 200)
    with yard.visit() as client:
        yard.asks(client)
        assert whole(client) == DATA
    for client in crowd:
        client.close()
    yard.until(lambda: all(watch.endings for watch in yard.watches))


def test_only_so_many_of_one_client(tmp_path: Path) -> None:
    """The next is told 503, and others are served; the place is free again afterwards."""
    with opened(tmp_path / "file", of_a_client=2) as yard:
        crowd = [yard.visit(small=True) for _ in range(2)]
        for client in crowd:
            yard.asks(client)
        yard.until(lambda: len(yard.watches) == 2)
        with yard.visit() as client:
            yard.asks(client)
            assert everything(client) == refusal(503)
        with yard.visit(source="127.0.0.2") as client:
            yard.asks(client)
            assert whole(client) == DATA
        for client in crowd:
            client.close()
        yard.until(lambda: yard.watches[0].endings and yard.watches[1].endings)
        with yard.visit() as client:
            yard.asks(client)
            assert whole(client) == DATA


def test_over_a_stream_that_is_no_tcp(yard: Yard) -> None:
    """As from the process that ends TLS: a pair of sockets, and all of it is told of."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(DEADLINE)
    peer = bytes(4) + b"\x7f\0\0\1" + bytes(8)
    with theirs:
        yard.run(lambda: yard.front.let_in(ours.detach(), peer, secure=True))
        for _ in range(2):
            yard.asks(theirs)
            assert whole(theirs) == DATA
    yard.until(lambda: [w.endings for w in yard.watches] == [[True], [True]])


def test_no_newcomers_any_more(yard: Yard) -> None:
    """Who is being served when we go is served to the end, and then not kept."""
    with yard.visit() as client:
        yard.asks(client)
        read(client, 1000)
        yard.run(yard.front.stop_listening)
        rest = everything(client)

    assert (HEAD % SIZE + DATA)[1000:] == rest


def answer(head: bytes) -> tuple[bytes, int, int, bool] | None:
    """Ten bytes from where the request says; others are for the view."""
    if b"X-From: " not in head:
        return None
    offset = int(head.partition(b"X-From: ")[2].split(b"\r\n")[0])
    return b"HTTP/1.1 206 Part\r\nContent-Length: 10\r\n\r\n", offset, 10, b"close" not in head


PART = b"HTTP/1.1 206 Part\r\nContent-Length: 10\r\n\r\n"


def part(client: socket.socket, offset: int, extra: bytes = b"", target: bytes = TARGET) -> None:
    """Ask for a piece that the loop may answer."""
    client.sendall(b"GET %b HTTP/1.1\r\nX-From: %d\r\n%b\r\n" % (target, offset, extra))


def test_granted_pieces(yard: Yard) -> None:
    """After the first request the loop answers by itself, on this connection and on new ones."""
    yard.grant = Grant(TARGET, answer, 60.0)
    with yard.visit() as client:
        yard.asks(client)
        assert whole(client) == DATA
        for offset in range(0, 5000, 10):
            part(client, offset)
            assert read(client, len(PART) + 10) == PART + DATA[offset : offset + 10]
    for offset in range(0, 50, 10):
        with yard.visit() as client:
            part(client, offset, b"Connection: close\r\n")
            assert everything(client) == PART + DATA[offset : offset + 10]

    assert len(yard.requests) == 1
    # A request for the first byte begins anew: the last of them is the new connection's.
    yard.until(lambda: yard.watches[0].arrived[-1] == (40, 50))


def test_all_that_was_granted_is_told_of(yard: Yard) -> None:
    """Each piece on a kept connection, though the loop does not ask after every one."""
    yard.grant = Grant(TARGET, answer, 60.0)
    yard.length = 10
    with yard.visit() as client:
        yard.asks(client)
        assert whole(client, 10) == DATA[:10]
        for offset in range(10, 3010, 10):
            part(client, offset)
            read(client, len(PART) + 10)
    yard.until(lambda: yard.watches[0].endings)

    assert yard.watches[0].number == 3010
    assert all(yard.watches[0].endings)


@pytest.mark.parametrize(
    ("source", "target", "extra"),
    [("127.0.0.2", TARGET, True), ("127.0.0.1", b"/other", True), ("127.0.0.1", TARGET, False)],
)
def test_what_was_not_granted(yard: Yard, source: str, target: bytes, *, extra: bool) -> None:
    """Another client, another target, or a head that is not understood: the view is asked."""
    yard.grant = Grant(TARGET, answer, 60.0)
    with yard.visit() as client:
        yard.asks(client)
        whole(client)
    yard.grant = None
    with yard.visit(source=source) as client:
        if extra:
            part(client, 0, target=target)
        else:
            yard.asks(client, target)
        assert whole(client) == DATA

    assert len(yard.requests) == 2


def test_a_grant_that_was_revoked(yard: Yard) -> None:
    """The view is asked again at once."""
    yard.grant = Grant(TARGET, answer, 60.0)
    with yard.visit() as client:
        yard.asks(client)
        whole(client)
        yard.watches[0].allowed = False
        part(client, 0)
        assert whole(client) == DATA

    assert len(yard.requests) == 2


def test_a_grant_ends(yard: Yard) -> None:
    """After its seconds, and then it holds no file open."""
    yard.grant = Grant(TARGET, answer, 0.3)
    with yard.visit() as client:
        yard.asks(client)
        whole(client)
    yard.until(yard.closed)


def test_a_page_on_a_granted_connection(yard: Yard) -> None:
    """What follows the pieces may be anything."""
    yard.grant = Grant(TARGET, answer, 60.0)
    with yard.visit() as client:
        yard.asks(client)
        whole(client)
        part(client, 500)
        assert read(client, len(PART) + 10) == PART + DATA[500:510]
        yard.asks(client, b"/page")
        assert everything(client).endswith(b"page")
