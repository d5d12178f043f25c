"""Where Prometheus asks: a listener in the portal's event loop, an answer from one of its threads.

Nobody but this machine reaches it. Still no asker holds more than one of two threads for two
seconds: what watches the portal must not be what stops it.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from portal.metrics.text import CONTENT_TYPE

_UNIX: Final = "unix:"
_MOST: Final = 2
_SECONDS: Final = 2.0
_HEAD: Final = 8192
_BACKLOG: Final = 8


class Desk:
    """Answers GET /metrics on `listener` with `text()`; `submit` has a thread do something."""

    def __init__(
        self,
        listener: socket.socket,
        text: Callable[[], str],
        submit: Callable[[Callable[[], None]], object],
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._text = text
        self._submit = submit
        self._room = threading.Semaphore(_MOST)

    def meet(self) -> None:
        """Take in who has come; for the loop's thread, never waits."""
        with suppress(OSError):
            asker, _ = self._listener.accept()
            if self._room.acquire(blocking=False):
                self._submit(lambda: self._serve(asker))
            else:
                asker.close()

    def _serve(self, asker: socket.socket) -> None:
        try:
            with asker, suppress(OSError):
                head = _read(asker)
                asker.settimeout(_SECONDS)
                # All that was sent has been read, so the end that follows is no reset.
                asker.sendall(self._answer(head))
        finally:
            self._room.release()

    def _answer(self, head: bytes) -> bytes:
        words = head.split(b"\r\n")[0].split()
        if len(words) != 3 or words[0] not in {b"GET", b"HEAD"}:  # noqa: PLR2004 - RFC 9112 3
            return _wire("405 Method Not Allowed", "text/plain", "only GET\n")
        if words[1].partition(b"?")[0] != b"/metrics":
            return _wire("404 Not Found", "text/plain", "it is at /metrics\n")
        found = _wire("200 OK", CONTENT_TYPE, self._text())
        return found if words[0] == b"GET" else found.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _read(asker: socket.socket) -> bytes:
    head, deadline = b"", time.monotonic() + _SECONDS
    while b"\r\n\r\n" not in head and len(head) < _HEAD:
        asker.settimeout(max(0.01, deadline - time.monotonic()))
        more = asker.recv(_HEAD)
        if not more:
            break
        head += more
    return head


def _wire(status: str, kind: str, body: str) -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + data


def chosen(listen: str, handed: list[socket.socket]) -> tuple[socket.socket, list[socket.socket]]:
    """The listener at the place of the settings, and the other sockets that were handed in.

    Bound here where none of them is at that place. Raises OSError.
    """
    address = _address(listen)
    for one in handed:
        # Of IPv6 it has two more words.
        if one.getsockname() == address or one.getsockname()[:2] == address:
            return one, [other for other in handed if other is not one]
    return _bound(address), handed


def _address(listen: str) -> str | tuple[str, int]:
    if listen.startswith(_UNIX):
        return listen.removeprefix(_UNIX)
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def _bound(address: str | tuple[str, int]) -> socket.socket:
    if isinstance(address, tuple):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with suppress(FileNotFoundError):
        os.unlink(address)  # noqa: PTH108 - what a portal before us has left
    listener.bind(address)
    # Before it listens nobody can connect, whatever the umask has left it.
    os.chmod(address, 0o660)  # noqa: PTH101 - see above
    listener.listen(_BACKLOG)
    return listener
