"""The self-test: it passes when the servers answer, and names the one that does not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from hotspot.checks import selftest
from hotspot.errors import Refused
from tests.certificates import NAME, shop
from tests.hotspot.checks.answering import MOMENT, SECONDS, serving
from tests.portal.secured import secured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1"


@contextlib.contextmanager
def sockets(port: int) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A UDP and a listening TCP socket on a port."""
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for bound in (datagrams, listener):
            bound.bind((HOST, port))
            bound.settimeout(SECONDS)
        listener.listen()
        yield datagrams, listener


def answer(query: bytes, flags: int = 0x8180, records: int = 1) -> bytes:
    """A DNS answer to a query."""
    record = b"\xc0\x0c" + struct.pack("!HHIH4s", 1, 1, 10, 4, bytes([100, 64, 64, 1]))
    head = query[:2] + struct.pack("!HHHHH", flags, 1, records, 0, 0)
    return head + query[12:] + record * records


def one_datagram(server: socket.socket, **given: int) -> None:
    """Answer one query by UDP."""
    query, client = server.recvfrom(512)
    server.sendto(answer(query, **given), client)


def one_stream(listener: socket.socket) -> None:
    """Answer one query by TCP, in pieces."""
    connection, _ = listener.accept()
    with connection:
        length = int.from_bytes(connection.recv(2), "big")
        reply = answer(connection.recv(length))
        for piece in (len(reply).to_bytes(2, "big"), reply[:5], reply[5:]):
            connection.sendall(piece)


def test_dns(free_port: int) -> None:
    """A resolver that answers by UDP and by TCP passes."""
    with (
        sockets(free_port) as (datagrams, listener),
        serving(lambda: one_datagram(datagrams), lambda: one_stream(listener)),
    ):
        selftest.dns(HOST, free_port, SECONDS)


def test_dns_by_tcp_alone_is_missed(free_port: int) -> None:
    """A resolver without TCP fails: phones fall back to it."""
    with sockets(free_port) as (datagrams, listener):
        listener.close()
        with (
            serving(lambda: one_datagram(datagrams)),
            pytest.raises(Refused, match=f"DNS by TCP on {HOST}:{free_port} does not work"),
        ):
            selftest.dns(HOST, free_port, 1)


WRONG: list[dict[str, int]] = [
    {"flags": 0x8182},  # SERVFAIL
    {"flags": 0x8185},  # REFUSED
    {"flags": 0x0100},  # our own query
    {"records": 0},  # NODATA
]


@pytest.mark.parametrize("given", WRONG)
def test_a_wrong_answer_is_none(free_port: int, given: dict[str, int]) -> None:
    """What an Apple device would not take for an answer, we do not either."""
    with (
        sockets(free_port) as (datagrams, _),
        serving(lambda: one_datagram(datagrams, **given)),
        pytest.raises(Refused, match="DNS by UDP"),
    ):
        selftest.dns(HOST, free_port, 0.5)


def test_nobody_there(free_port: int) -> None:
    """Each refusal names the service, the place and what the kernel said."""
    with pytest.raises(Refused, match=f"DNS by UDP on {HOST}:{free_port} .*refused"):
        selftest.dns(HOST, free_port, MOMENT)
    with pytest.raises(Refused, match=f"HTTP on {HOST}:{free_port} .*refused"):
        selftest.http(HOST, free_port, MOMENT)


def test_silence(free_port: int) -> None:
    """A server that hangs is not waited for beyond the time given."""
    with sockets(free_port):
        with pytest.raises(Refused, match=r"DNS by UDP .*no answer"):
            selftest.dns(HOST, free_port, MOMENT)
        with pytest.raises(Refused, match=r"HTTP .*no answer"):
            selftest.http(HOST, free_port, MOMENT)


REPLIES = [
    (b"HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nhi", True),
    (b"HTTP/1.1 200 OK\r\n\r\n", True),
    (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", False),
    (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
    (b"SSH-2.0-OpenSSH\r\n", False),
    (b"", False),
]


@pytest.mark.parametrize(("reply", "passes"), REPLIES)
def test_http(free_port: int, reply: bytes, passes: bool) -> None:  # noqa: FBT001 - a table
    """A portal that answers a phone's probe passes; an error page does not."""

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(4096)
            assert request.startswith(b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck")
            connection.sendall(reply)

    with sockets(free_port) as (_, listener), serving(once):
        if passes:
            selftest.http(HOST, free_port, SECONDS)
        else:
            with pytest.raises(Refused, match="HTTP"):
                selftest.http(HOST, free_port, 0.5)


def test_a_server_that_is_still_starting(free_port: int) -> None:
    """Refused at first, then answered: it passes."""

    def late() -> None:
        with sockets(free_port) as (_, listener):
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 302 Found\r\n\r\n")

    later = threading.Timer(0.2, late)
    later.start()
    selftest.http(HOST, free_port, SECONDS)
    later.join(SECONDS)


def test_tls(tmp_path: Path) -> None:
    """The real portal under TLS passes by its name, and by no other name."""
    made = shop(tmp_path)
    with secured(tmp_path, made) as both:
        selftest.tls(*both.address, NAME, 20)
        with pytest.raises(Refused, match=r"https://other.example/ on .* does not work"):
            selftest.tls(*both.address, "other.example", 0.5)


def test_tls_that_is_another_server(tmp_path: Path) -> None:
    """A page is not the API: a web server that answers 200 to everything does not pass."""
    made = shop(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.site.certificate, made.site.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pages() -> None:
            # Until nobody has come for a second.
            listener.settimeout(1)
            with contextlib.suppress(TimeoutError):
                while True:
                    raw, _ = listener.accept()
                    raw.settimeout(SECONDS)
                    with raw, context.wrap_socket(raw, server_side=True) as client:
                        client.recv(4096)
                        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

        with serving(pages), pytest.raises(Refused, match="not the answer it should be"):
            selftest.tls(HOST, listener.getsockname()[1], NAME, 0.4)
