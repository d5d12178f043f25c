"""DNS over TCP (RFC 7766): queries by two octets of length, answered in the order they came.

Nobody here can make another wait: a connection is read a little at a time and not at all
while its answers are not taken; it ends when it goes 5 s without a whole query; and where
64 are open, a new one takes the place of the one that was silent longest.
"""

from __future__ import annotations

import select
from socket import IPPROTO_TCP, TCP_NODELAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from typing import Final, Protocol

    class Respond(Protocol):
        """What answers: `Policy.respond`, or a guard around it."""

        def __call__(self, query: bytes, client: str, *, stream: bool) -> bytes | None:
            """The reply, or None where there is none to give."""


CONNECTIONS: Final = 64
IDLE: Final = 5.0  # seconds
# Octets read at once: some 200 pipelined queries, about 1 ms, before UDP is looked at again.
_READ: Final = 4096
_LENGTH: Final = 2


class Connection:
    """One client's connection and what it still owes and is owed."""

    __slots__ = ("client", "deadline", "has_ended", "inbox", "outbox", "sock")

    def __init__(self, sock: socket, client: str) -> None:
        self.sock = sock
        self.client = client
        self.deadline = 0.0
        self.has_ended = False
        self.inbox = bytearray()
        self.outbox = bytearray()


class Streams:
    """All connections from `listener`, watched by `poll`; `clock` gives seconds."""

    def __init__(
        self,
        listener: socket,
        respond: Respond,
        poll: select.poll,
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._respond = respond
        self._poll = poll
        self._clock = clock
        # In the order of their deadlines: whoever completes a query moves to the end.
        self._open: dict[int, Connection] = {}
        listener.setblocking(False)
        listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)  # inherited by what it accepts

    def timeout(self) -> float | None:
        """Milliseconds until `expire` has something to do; None for never."""
        for connection in self._open.values():
            return max(connection.deadline - self._clock(), 0.0) * 1000
        return None

    def expire(self) -> None:
        """Close the connections whose time is over."""
        now = self._clock()
        for connection in list(self._open.values()):
            if connection.deadline > now:
                return
            self._close(connection)

    def accept(self) -> None:
        """Take one new connection, at the cost of the most idle one if there are too many."""
        if len(self._open) >= CONNECTIONS:
            self._close(next(iter(self._open.values())))
        try:
            sock, address = self._listener.accept()
        except OSError:
            # Gone again, or no descriptor left: the client will ask again.
            return
        sock.setblocking(False)
        connection = Connection(sock, address[0])
        self._poll.register(sock, select.POLLIN)
        self._renew(connection)

    def ready(self, fd: int) -> None:
        """Go on with the connection of `fd`, which can be read or written."""
        connection = self._open.get(fd)
        if connection is None:
            return
        try:
            if not connection.outbox:
                self._read(connection)
            self._write(connection)
        except BlockingIOError:
            return
        except OSError:
            self._close(connection)

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open.values()):
            self._close(connection)

    def _read(self, connection: Connection) -> None:
        octets = connection.sock.recv(_READ)
        connection.has_ended = not octets
        inbox = connection.inbox
        inbox += octets
        while len(inbox) >= _LENGTH:
            end = _LENGTH + int.from_bytes(inbox[:_LENGTH], "big")
            if len(inbox) < end:
                return
            message = bytes(inbox[_LENGTH:end])
            del inbox[:end]
            answer = self._respond(message, connection.client, stream=True)
            if answer is None:
                # Not a query: nothing after it can be trusted to be one.
                connection.has_ended = True
                return
            connection.outbox += len(answer).to_bytes(_LENGTH, "big") + answer
            self._renew(connection)

    def _write(self, connection: Connection) -> None:
        """Send what is owed; until it is all taken, nothing more is read."""
        outbox = connection.outbox
        if outbox:
            try:
                sent = connection.sock.send(outbox)
            except BlockingIOError:
                sent = 0
            del outbox[:sent]
        if not outbox and connection.has_ended:
            self._close(connection)
        else:
            events = select.POLLOUT if outbox else select.POLLIN
            self._poll.modify(connection.sock, events)

    def _renew(self, connection: Connection) -> None:
        fd = connection.sock.fileno()
        self._open.pop(fd, None)
        self._open[fd] = connection
        connection.deadline = self._clock() + IDLE

    def _close(self, connection: Connection) -> None:
        del self._open[connection.sock.fileno()]
        self._poll.unregister(connection.sock)
        connection.sock.close()
