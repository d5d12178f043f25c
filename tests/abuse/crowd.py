"""A crowd of rude clients, in a process of its own: connections held in one rude way, for ever.

    python -m tests.abuse.crowd ADDRESS PORT KIND COUNT SOURCES

Whoever is shown out comes again with its next step. The connections are shared out over SOURCES
addresses of the same network as ADDRESS. Prints `held` once all have connected, and how many
were shown out, reset or refused when its standard input ends.
"""

from __future__ import annotations

import contextlib
import ipaddress
import resource
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

# A line or a byte every two seconds, as slowhttptest and security researchers dribble.
STEP_SECONDS: Final = 2.0
_FIRST_SOURCE: Final = 9
_PAGES: Final = b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n"
_POST: Final = b"POST /setup HTTP/1.1\r\nHost: %b\r\nContent-Length: 60000\r\n\r\n"
# What is said at first, and at every step after that.
KINDS: Final = {
    "silent": (b"", b""),
    "heads": (b"GET / HTTP/1.1\r\nHost: %b\r\n", b"X-Slow: a\r\n"),
    "bodies": (_POST, b"a"),
    "unread": (_PAGES * 8, _PAGES),
}


class Crowd:
    """The connections, each with a step to do every two seconds."""

    def __init__(self, where: tuple[str, int], kind: str, sources: int) -> None:
        self._where = where
        host = f"{where[0]}:{where[1]}".encode().removesuffix(b":80")
        self._first, self._next = (each.replace(b"%b", host) for each in KINDS[kind])
        self._reads = kind != "unread"
        base = ipaddress.ip_address(where[0]) + _FIRST_SOURCE
        self._sources = [str(base + number) for number in range(sources)]
        self.counts: Counter[str] = Counter()

    def keep(self, count: int, ended: select.poll) -> None:
        """Hold `count` connections until `ended` has something."""
        held: list[socket.socket | None] = [None] * count
        said = False
        while not ended.poll(0):
            began = time.monotonic()
            for number in range(count):
                held[number] = self._step(number, held[number])
                # Evenly over the two seconds, but all at once at the beginning.
                ahead = began + STEP_SECONDS * number / count - time.monotonic() if said else 0
                if ahead > 0 and ended.poll(ahead * 1000):
                    break
            if not said:
                sys.stdout.write("held\n")
                sys.stdout.flush()
                said = True
        for client in held:
            if client is not None:
                client.close()

    def _step(self, number: int, client: socket.socket | None) -> socket.socket | None:
        """One connection's next act; it comes again if it has been shown out."""
        try:
            if client is None:
                return self._come(self._sources[number % len(self._sources)])
            if self._reads and not _is_open(client):
                raise ConnectionAbortedError
            client.send(self._next)
        except BlockingIOError:
            return client
        except OSError as error:
            self.counts[_NAMES.get(type(error), "refused")] += 1
            if client is not None:
                client.close()
            return None
        return client

    def _come(self, source: str) -> socket.socket:
        client = socket.socket()
        with _closed_on_error(client):
            if not self._reads:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
            client.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            if len(self._sources) > 1:
                client.bind((source, 0))
            client.settimeout(0.5)
            client.connect(self._where)
            client.setblocking(False)
            if self._first:
                client.send(self._first)
        return client


_IP_BIND_ADDRESS_NO_PORT: Final = 24
_NAMES: Final = {
    ConnectionAbortedError: "shown out",
    ConnectionResetError: "reset",
    BrokenPipeError: "reset",
    TimeoutError: "kept out",
}


@contextlib.contextmanager
def _closed_on_error(client: socket.socket) -> Iterator[None]:
    try:
        yield
    except OSError:
        client.close()
        raise


def _is_open(client: socket.socket) -> bool:
    """Whether the other side has not ended it. Raises OSError where it was reset."""
    try:
        return bool(client.recv(65536))
    except BlockingIOError:
        return True


def main(words: list[str]) -> None:
    """Hold until standard input ends."""
    address, port, kind, count, sources = words
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd((address, int(port)), kind, int(sources))
    ended = select.poll()
    ended.register(sys.stdin, select.POLLIN | select.POLLHUP)
    crowd.keep(int(count), ended)
    sys.stdout.write(", ".join(f"{crowd.counts[name]:,} {name}" for name in sorted(crowd.counts)))


if __name__ == "__main__":
    main(sys.argv[1:])
