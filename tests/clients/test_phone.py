"""The phone notices what it is there to notice: held against servers that misbehave."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from dnslib import QTYPE, RCODE, RR, DNSRecord
from dnslib import A as Address4

from tests.clients.asking import Exchange, Failure
from tests.clients.canned import PAGE, answer
from tests.clients.phone import Appliance, Phone, Style

URL = "http://captive.apple.com/hotspot-detect.html"
PLAIN = answer(200, PAGE)
LAST = answer(200, PAGE, {"Connection": "close"})
# Closing with l_onoff = 1 and l_linger = 0 resets (socket(7)).
RESETTING = struct.pack("ii", 1, 0)

Manners = Callable[[socket.socket], None]


@contextmanager
def server(*manners: Manners) -> Iterator[tuple[str, int]]:
    """A server that treats its n-th connection by its n-th manners, then goes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            for each in manners:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(10)
                    each(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            thread.join(10)


@contextmanager
def resolver(refused: str = "") -> Iterator[tuple[str, int]]:
    """A resolver that leads every name here and refuses one type of record."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            while data := sock.recvfrom(512):
                if not data[0]:
                    return
                reply = DNSRecord.parse(data[0]).reply()
                kind = QTYPE[reply.q.qtype]
                if kind == refused:
                    reply.header.rcode = RCODE.REFUSED
                elif kind == "A":
                    reply.add_answer(RR(reply.q.qname, rdata=Address4("127.0.0.1")))
                sock.sendto(reply.pack(), data[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield sock.getsockname()
        finally:
            sock.sendto(b"", sock.getsockname())
            thread.join(10)


def fetched(style: Style, *manners: Manners, times: int = 1) -> list[Exchange | Failure]:
    """What a phone of this style gets from such a server."""
    with server(*manners) as portal, resolver() as names:
        phone = Phone(Appliance(portal, names, ("127.0.0.1", 1)), style)
        try:
            return [phone.fetch(URL) for _ in range(times)]
        finally:
            phone.close()


def says(*answers: bytes) -> Manners:
    """Answers in turn, one to each request."""

    def act(connection: socket.socket) -> None:
        for each in answers:
            _request(connection)
            connection.sendall(each)

    return act


def _request(connection: socket.socket) -> bytes:
    heard = b""
    while not heard.endswith(b"\r\n\r\n"):
        heard += connection.recv(65536)
    return heard


def resets(connection: socket.socket) -> None:
    """Answers well, then resets before the answer can be read."""
    _request(connection)
    connection.sendall(PLAIN[:-1])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESETTING)


@pytest.mark.parametrize("style", Style)
def test_a_reset_escapes(style: Style) -> None:
    """No model gets to weigh it: the test ends."""
    with pytest.raises(ConnectionResetError):
        fetched(style, resets)


@pytest.mark.parametrize("style", Style)
def test_a_truncated_answer_is_lost(style: Style) -> None:
    """One byte too few."""
    assert fetched(style, says(PLAIN[:-1])) == [Failure.LOST]


def test_bytes_behind_the_last_answer_are_noticed() -> None:
    """What was declared is not all that came."""
    with pytest.raises(AssertionError, match="behind"):
        fetched(Style.KEEPING, says(LAST + b"x"))


def test_keeping() -> None:
    """Two requests on one connection, and a third on a new one once the server ends it."""
    answers = fetched(Style.KEEPING, says(PLAIN, LAST), says(LAST), times=3)

    assert [each.body for each in answers if isinstance(each, Exchange)] == [PAGE] * 3


def test_closing() -> None:
    """A connection each."""
    assert len(fetched(Style.CLOSING, says(LAST), says(LAST), times=2)) == 2


@pytest.mark.parametrize(
    ("style", "line", "count"),
    [
        (Style.OLD, b"GET /hotspot-detect.html HTTP/1.0\r\n", 1),
        (Style.SPLIT, b"GET /hotspot-detect.html HTTP/1.1\r\n", 1),
        (Style.PIPELINED, b"GET /hotspot-detect.html HTTP/1.1\r\n", 2),
    ],
)
def test_how_requests_travel(style: Style, line: bytes, count: int) -> None:
    """In HTTP/1.0, in pieces, or twice at once."""
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(_request(connection))
        connection.sendall(LAST)

    assert isinstance(fetched(style, listen)[0], Exchange)
    assert heard[0].count(line) == count
    assert heard[0].count(b"Host: captive.apple.com\r\n") == count


@pytest.mark.parametrize("kind", ["A", "AAAA", "HTTPS"])
def test_one_refused_type_of_record_spoils_the_name(kind: str) -> None:
    """As on an iPhone, for which a refused HTTPS record was enough."""
    with resolver(refused=kind) as names:
        phone = Phone(Appliance(("127.0.0.1", 1), names, ("127.0.0.1", 1)))

        assert phone.fetch(URL) is Failure.BAD_DNS


def test_https_is_refused() -> None:
    """Nobody listens there."""
    with socket.socket() as bound, resolver() as names:
        bound.bind(("127.0.0.1", 0))
        phone = Phone(Appliance(("127.0.0.1", 1), names, bound.getsockname()))

        assert phone.fetch("https://www.google.com/generate_204") is Failure.REFUSED
