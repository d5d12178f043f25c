"""What the kernel says of a connection."""

from __future__ import annotations

import socket
import time

from portal.door.tcp import acknowledged, prepare

DEADLINE = 10.0


def until(expected: int, one: socket.socket, written: int) -> None:
    """Wait until so much has been acknowledged."""
    deadline = time.monotonic() + DEADLINE
    while acknowledged(one.fileno(), written) != expected:
        assert time.monotonic() < deadline, acknowledged(one.fileno(), written)
        time.sleep(0.01)


def pair(window: int = 4096) -> tuple[socket.socket, socket.socket]:
    """Both ends of a TCP connection, the second with a small window."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.socket()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        theirs.connect(listener.getsockname())
        ours = listener.accept()[0]
    ours.setblocking(False)
    return ours, theirs


def test_nothing_then_all() -> None:
    """Counted from nothing; the end of the stream is no byte."""
    ours, theirs = pair(65536)
    with ours, theirs:
        assert acknowledged(ours.fileno(), 0) == 0
        ours.send(b"x" * 1000)
        until(1000, ours, 1000)
        ours.shutdown(socket.SHUT_WR)
        assert theirs.recv(2000) + theirs.recv(1) == b"x" * 1000
        until(1000, ours, 1000)


def test_only_what_has_arrived() -> None:
    """Of what was written to one that does not read, hardly anything; and it is bounded."""
    ours, theirs = pair()
    with ours, theirs:
        prepare(ours.fileno(), 64 * 1024)
        written = 0
        try:
            while True:
                written += ours.send(b"x" * 65536)
        except BlockingIOError:
            pass
        assert written <= 4 * 64 * 1024
        assert acknowledged(ours.fileno(), written) < written // 2
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_after_a_reset() -> None:
    """It can still be asked."""
    ours, theirs = pair(65536)
    with ours:
        ours.send(b"x" * 1000)
        until(1000, ours, 1000)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        theirs.close()
        until(1000, ours, 1000)


def test_a_pair_of_sockets() -> None:
    """Not more than what was taken out at the other end, and all of it at last."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.send(b"x" * 50_000)
        assert acknowledged(ours.fileno(), 50_000) == 0
        theirs.recv(20_000)
        assert acknowledged(ours.fileno(), 50_000) <= 20_000
        theirs.recv(50_000)
        assert acknowledged(ours.fileno(), 50_000) == 50_000
