"""Event streams in the loop: fed, bounded, ended politely; and nobody waits for a slow reader."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import pytest

from portal.door import streams
from portal.door.paper import LAST_CHUNK, Reply, Stream
from portal.door.streams import MOST, News, StreamingFront
from tests.portal.door.test_front import DEADLINE, PROBE, READY, Threads, ready, refusal

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST = b"5\r\nfirst\r\n"


def follow(request: bytes) -> Reply:
    """Every request follows the topic that its path names; its second letter is what it saw."""
    topic = request.split(b" ")[1].decode()
    return Reply(HEAD + FIRST, keep_alive=True, stream=Stream(topic, 0))


class Street:
    """A StreamingFront that runs in a thread of its own."""

    def __init__(self, front: StreamingFront, address: tuple[str, int]) -> None:
        self.front = front
        self.address = address
        self.errands: list[Callable[[], object]] = []

    def run(self, errand: Callable[[], object]) -> None:
        """Have it done in the loop's thread, and wait for that."""
        done = threading.Event()

        def do() -> None:
            errand()
            done.set()

        self.errands.append(do)
        assert done.wait(DEADLINE)

    def publish(self, topic: str, number: int, data: bytes, *, last: bool = False) -> None:
        """A piece of news."""
        self.run(lambda: self.front.publish(topic, News(number, data, last)))

    def visit(self, topic: str = "/a", *, source: str = "127.0.0.1", small: bool = False) -> Reader:
        """A client that follows a topic, and has read the beginning."""
        reader = self.asks(topic, source=source, small=small)
        assert reader.upto(HEAD + FIRST)
        return reader

    def asks(self, topic: str = "/a", *, source: str = "127.0.0.1", small: bool = False) -> Reader:
        """A client that has asked to follow a topic."""
        client = socket.socket()
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.bind((source, 0))
        client.connect(self.address)
        client.sendall(b"GET %b HTTP/1.1\r\nHost: page\r\n\r\n" % topic.encode())
        return Reader(client)

    def empties(self) -> None:
        """Wait until nobody is inside any more."""
        deadline = time.monotonic() + DEADLINE
        while len(self.front):
            assert time.monotonic() < deadline, "somebody is still inside"
            time.sleep(0.01)


class Reader:
    """A client's end of a stream."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def upto(self, expected: bytes) -> bool:
        """Whether this comes next, and nothing else."""
        found = b""
        while len(found) < len(expected):
            data = self.client.recv(len(expected) - len(found))
            assert data, found
            found += data
        assert found == expected
        return True

    def rest(self) -> bytes:
        """All until the end; a reset raises."""
        return b"".join(iter(lambda: self.client.recv(65536), b""))

    def silent(self) -> bool:
        """Whether nothing has come."""
        return not select.select([self.client], [], [], 0)[0]


@contextmanager
def opened(of_a_client: int = 1000) -> Iterator[Street]:
    """A street with its door open."""
    threads = Threads(replies=follow)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    front = StreamingFront(
        ready=ready,
        submit=threads.submit,
        refusal=refusal,
        clock=time.monotonic,
        body_limit=1000,
        connection_limit=300,
        of_a_client=of_a_client,
    )
    threads.front = front
    front.listen([listener])
    street = Street(front, listener.getsockname())
    closing = threading.Event()

    def live() -> None:
        while not closing.is_set():
            front.turn(0.02)
            while street.errands:
                street.errands.pop(0)()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield street
    finally:
        closing.set()
        thread.join(DEADLINE)
        front.close()
        listener.close()


def chunk(data: bytes) -> bytes:
    """As it is on the wire."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_news_as_it_comes() -> None:
    """Each piece to all who follow its topic, and to nobody else."""
    with opened() as street, street.visit() as one, street.visit() as two, street.visit("/b") as b:
        street.publish("/a", 1, b"news")

        assert one.upto(chunk(b"news"))
        assert two.upto(chunk(b"news"))
        assert b.silent()


def test_the_last_news_ends_it() -> None:
    """Then the connection lives on as any other."""
    with opened() as street, street.visit() as reader:
        street.publish("/a", 1, b"the end", last=True)
        assert reader.upto(chunk(b"the end") + LAST_CHUNK)

        reader.client.sendall(PROBE)
        assert reader.rest() == READY
        street.empties()


def test_what_came_between() -> None:
    """News between the beginning's making and its sending is told; what it had seen is not."""
    with opened() as street:
        street.publish("/a", 1, b"late news")
        street.publish("/b", 0, b"seen already")
        with street.visit("/a") as reader, street.visit("/b") as other:
            assert reader.upto(chunk(b"late news"))
            assert other.silent()


def test_topics_are_bounded() -> None:
    """A thousand records that nobody follows leave no memory behind."""
    with opened() as street:
        for number in range(100):
            street.publish(f"/{number}", 1, b"x" * 1000)

        assert len(street.front._latest) == streams._TOPICS


def test_many_followers_and_no_thread() -> None:
    """As many as there may be, all told; one more gets the beginning and the end; pages go on."""
    with opened() as street:
        readers = [street.visit() for _ in range(MOST)]
        with street.asks() as extra:
            assert extra.upto(HEAD + FIRST + LAST_CHUNK)
        before = threading.active_count()
        street.publish("/a", 1, b"news")
        assert all(reader.upto(chunk(b"news")) for reader in readers)
        assert threading.active_count() == before
        with street.asks("/probe") as page:
            page.client.sendall(PROBE)
            assert page.rest().endswith(READY)
        for reader in readers:
            reader.client.close()
        street.empties()


def test_one_client_takes_no_more_than_its_share() -> None:
    """Four streams; another client still gets one."""
    with opened(of_a_client=4) as street:
        mine = [street.visit() for _ in range(4)]
        with street.asks() as fifth, street.visit(source="127.0.0.2") as other:
            assert fifth.upto(HEAD + FIRST + LAST_CHUNK)
            street.publish("/a", 1, b"news")
            assert other.upto(chunk(b"news"))
        mine[0].client.close()
        for reader in mine[1:]:
            assert reader.upto(chunk(b"news"))
            reader.client.close()
        street.empties()


def test_who_reads_slowly_gets_the_latest() -> None:
    """Nobody else waits for it, and it costs one piece of news in memory."""
    large = [bytes([65 + n]) * 400_000 for n in range(20)]
    with opened() as street, street.visit(small=True) as slow, street.visit() as quick:
        for number, data in enumerate(large):
            street.publish("/a", number + 1, data)
            assert quick.upto(chunk(data))
        street.publish("/a", 99, b"the end", last=True)
        assert quick.upto(chunk(b"the end") + LAST_CHUNK)
        quick.client.close()
        held = sum(len(f.connection.outbox) + len(f.pending)
                   for f in street.front._followers.values())  # fmt: skip
        assert held < 2 * len(large[0])

        slow.client.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\n\r\n")
        whole = slow.rest()
        body, _, after = whole.partition(LAST_CHUNK)
        assert body.endswith(chunk(b"the end"))
        assert len(body) < sum(map(len, large))
        assert after == READY


def test_who_reads_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that has left with its buffers full."""
    monkeypatch.setattr(streams, "STUCK", 0.2)
    with opened() as street, street.visit(small=True):
        street.publish("/a", 1, b"x" * 8_000_000)
        street.empties()


def test_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing happens, a comment: middle boxes forget what is silent."""
    monkeypatch.setattr(streams, "HEARTBEAT", 0.1)
    with opened() as street, street.visit() as reader:
        assert reader.upto(chunk(b":\n\n") * 2)


def test_no_stream_lasts_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends politely, and a browser asks anew."""
    monkeypatch.setattr(streams, "LONGEST", 0.2)
    with opened() as street, street.visit() as reader:
        assert reader.upto(LAST_CHUNK)
        reader.client.close()
        street.empties()


def test_who_leaves_is_forgotten() -> None:
    """By closing, by a reset, or by sending what nobody asked for."""
    with opened() as street:
        closing, resetting, talking = (street.visit() for _ in range(3))
        closing.client.close()
        resetting.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        resetting.client.close()
        with talking.client as client:
            client.sendall(b"x" * 100_000)
            street.empties()


def test_leaving_ends_streams() -> None:
    """Once the door is closed, each ends with its last chunk, and then the connection."""
    with opened() as street, street.visit() as reader:
        street.run(street.front.stop_listening)

        assert reader.rest() == LAST_CHUNK


def test_a_follower_that_went_before_its_answer() -> None:
    """Nothing is left of it."""
    with opened() as street:
        reader = street.asks()
        reader.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        reader.client.close()
        street.empties()
        street.publish("/a", 1, b"news")
        with street.visit() as other:
            assert other.upto(chunk(b"news"))
