"""A line that breaks: between a client and the appliance, as a radio at the edge of the cell."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PIECE = 16 * 1024
DEADLINE = 20.0


@dataclass
class Line:
    """Passes on what comes; each of the first `cuts` connections that brings more than `after`
    bytes back breaks there. `broken` counts them.
    """

    to: tuple[str, int]
    after: int
    cuts: int
    broken: int = 0
    place: tuple[str, int] = ("", 0)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What a client is told."""
        return "http://{}:{}".format(*self.place)

    def carry(self, client: socket.socket) -> None:
        """One connection, to its end or to where it breaks."""
        with client, contextlib.suppress(OSError), socket.create_connection(self.to) as server:
            brought = 0
            with selectors.DefaultSelector() as poll:
                poll.register(client, selectors.EVENT_READ, server)
                poll.register(server, selectors.EVENT_READ, client)
                while True:
                    for key, _ in poll.select(DEADLINE):
                        data = key.fileobj.recv(_PIECE)  # type: ignore[union-attr] # a socket
                        if not data:
                            return
                        brought += len(data) if key.fileobj is server else 0
                        key.data.sendall(data)
                    if brought > self.after and self.broken < self.cuts:
                        self.broken += 1
                        return


@contextmanager
def cutting(to: tuple[str, int], after: int, cuts: int = 1) -> Iterator[Line]:
    """A line to `to`."""
    line = Line(to, after, cuts)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address, port = listener.getsockname()
        line.place = (address, port)

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=line.carry, args=[client], daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield line
        finally:
            # A close alone does not wake who waits in accept(2).
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(DEADLINE)
