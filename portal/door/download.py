"""One file on its way over one connection, and how much of it has arrived."""

from __future__ import annotations

from portal.door.connection import Connection
from portal.door.paper import File
from portal.door.pieces import together
from portal.door.tcp import acknowledged


class Download:
    """A file on its way. `before` is what the connection had carried before its first byte.

    `owed` are the pieces sent on this connection before, until they are known to have arrived:
    what had to be acknowledged for that, and from where to where they are in the file.
    """

    __slots__ = ("before", "connection", "end", "is_willing", "keep_alive", "known", "length",
                 "offset", "owed", "position", "since", "source", "watch")  # fmt: skip

    def __init__(self, connection: Connection, file: File, *, keep_alive: bool, now: float) -> None:
        self.connection = connection
        self.source = file.source
        self.watch = file.watch
        self.owed: list[tuple[int, int, int]] = []
        self.is_willing = False
        self.since = now
        self.take(file.offset, file.length, keep_alive=keep_alive)

    def take(self, offset: int, length: int, *, keep_alive: bool) -> None:
        """These bytes are to be sent, behind the head that is in the outbox."""
        self.offset = self.position = offset
        self.length = length
        self.end = offset + length
        self.keep_alive = keep_alive
        self.before = self.connection.written + len(self.connection.outbox)
        self.known = 0

    def look(self, now: float) -> bool:
        """Ask how much of it has been acknowledged, and tell who watches; True if all has."""
        connection = self.connection
        carried = acknowledged(connection.descriptor, connection.written)
        if self.owed:
            self._settle(carried, now)
        number = carried - self.before
        if number > self.known:
            self.known = number
            self.since = now
            self.watch.acknowledged(self.offset, self.offset + number)
        return number == self.length

    def owe(self) -> None:
        """Another piece is to be sent, before it is known whether this one has arrived."""
        self.owed.append((self.before + self.length, self.offset, self.end))

    def _settle(self, carried: int, now: float) -> None:
        arrived = [piece for piece in self.owed if piece[0] <= carried]
        if arrived:
            self.since = now
            del self.owed[: len(arrived)]
            for begin, end in together([piece[1:] for piece in arrived]):
                self.watch.acknowledged(begin, end)
