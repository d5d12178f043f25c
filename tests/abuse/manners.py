"""Clients that keep to TCP, however oddly they behave otherwise: none of them may be reset.

Each reads to the end of the stream, so a reset raises; what no client can see, such as a reset
after its own FIN, a wiretap does.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
from collections.abc import Callable
from typing import Final

from tests.bench.web import PROBE

DEADLINE: Final = 20.0
Address = tuple[str, int]


def all_of_them(where: Address, portal: subprocess.Popen[bytes]) -> None:
    """Every kind, some beside each other; in the midst of it the portal begins anew."""
    with contextlib.ExitStack() as stack:
        # These wait until they are shown out, which takes seconds: meanwhile the others come.
        silent, half_said, answered = (stack.enter_context(_connected(where)) for _ in range(3))
        half_said.sendall(b"GET / HTTP/1.1\r\nHo")
        answered.sendall(PROBE)
        for _ in range(50):
            probe(where)
        for act in _ACTS:
            act(where)
        kept = stack.enter_context(_connected(where))
        kept.sendall(_page(where))
        _whole_page(kept)
        portal.send_signal(signal.SIGHUP)
        for _ in range(20):
            probe(where)
        for client in (kept, silent, half_said):
            assert _rest(client) == b""
        assert _rest(answered).startswith(b"HTTP/1.1 302 ")


def probe(where: Address) -> None:
    """A captive check, as most phones make it."""
    with _connected(where) as client:
        client.sendall(PROBE)
        assert _rest(client).startswith(b"HTTP/1.1 302 ")


def hasty(where: Address) -> None:
    """One that half-closes right behind its request."""
    with _connected(where) as client:
        client.sendall(PROBE)
        client.shutdown(socket.SHUT_WR)
        assert _rest(client).startswith(b"HTTP/1.1 302 ")


def in_pieces(where: Address) -> None:
    """One whose request comes octet by octet."""
    with _connected(where) as client:
        for octet in PROBE:
            client.sendall(bytes([octet]))
        assert _rest(client).startswith(b"HTTP/1.1 302 ")


def twice(where: Address) -> None:
    """One that sends its request twice at once, though the first answer ends the connection."""
    with _connected(where) as client:
        client.sendall(PROBE * 2)
        assert _rest(client).count(b"HTTP/1.1 302 ") == 1


def kept_alive(where: Address) -> None:
    """Three pages on one connection, which the client ends."""
    with _connected(where) as client:
        for _ in range(3):
            client.sendall(_page(where))
            _whole_page(client)


def pre_connected(where: Address) -> None:
    """A browser's idle connections, given up without a word."""
    for client in [_connected(where) for _ in range(8)]:
        client.close()


def with_a_large_body(where: Address) -> None:
    """A megabyte that nobody wants, sent to the end before the refusal is read."""
    with _connected(where) as client:
        client.sendall(_post(where, "Content-Length: 1000000\r\n") + b"x" * 1_000_000)
        assert _rest(client).startswith(b"HTTP/1.1 413 ")


def expectant(where: Address) -> None:
    """One that waits to be told to go on, and is then refused for what it sends."""
    with _connected(where) as client:
        client.sendall(_post(where, "Expect: 100-continue\r\nContent-Length: 4\r\n"))
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ssid")
        assert _rest(client).startswith(b"HTTP/1.1 4")


def refused(where: Address) -> None:
    """A TLS hello on the wrong port."""
    with _connected(where) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n")
        assert _rest(client).startswith(b"HTTP/1.1 400 ")


def sheet(where: Address) -> None:
    """Twelve connections of which eight idle, as iOS opens them."""
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(_connected(where)) for _ in range(8)]
        busy = [stack.enter_context(_connected(where)) for _ in range(4)]
        for client in busy:
            client.sendall(_page(where))
        for client in busy:
            _whole_page(client)
        assert len(idle) == 8


_ACTS: Final[tuple[Callable[[Address], None], ...]] = (
    *(hasty, in_pieces, twice, kept_alive, pre_connected, with_a_large_body, expectant, refused),
    *(sheet,),
)


def _connected(where: Address) -> socket.socket:
    client = socket.create_connection(where, DEADLINE)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _rest(client: socket.socket) -> bytes:
    """All until the end of the stream."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def _whole_page(client: socket.socket) -> None:
    """One page and no more, read to its last octet."""
    answer = b""
    while not answer.rstrip().endswith(b"</html>"):
        data = client.recv(65536)
        assert data, f"cut off after {answer!r}"
        answer += data
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def _page(where: Address) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: {where[0]}\r\n\r\n".encode()


def _post(where: Address, extra: str) -> bytes:
    lines = f"POST /setup HTTP/1.1\r\nHost: {where[0]}\r\n{extra}Connection: close\r\n\r\n"
    return lines.encode()
