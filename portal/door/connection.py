"""One client's connection, and the queues in which connections wait for their time to run out."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Final

from portal.door.descriptors import address


class State(enum.Enum):
    """Where a connection is in its life."""

    READING = enum.auto()
    BODY = enum.auto()
    ELSEWHERE = enum.auto()
    WRITING = enum.auto()
    LINGERING = enum.auto()
    DRAINING = enum.auto()


# How long each state may last, in seconds. A head is a few hundred bytes; a body up to 64 KiB
# from a phone at the edge of the cell; an answer a page; then RFC 9112 9.6's "brief", or as long
# as a body may take where one was announced that nobody wants: its sender reads only afterwards.
# The threads have gunicorn's own time-out.
SECONDS: Final = {
    State.READING: 5.0,
    State.BODY: 20.0,
    State.ELSEWHERE: float("inf"),
    State.WRITING: 10.0,
    State.LINGERING: 2.0,
    State.DRAINING: 20.0,
}


class Connection:
    """One client's connection. `descriptor` is -1 once it is closed; `peer` a sockaddr_in.

    `secure` where the client speaks TLS to the process that has handed it over; `owes` where it
    was refused and may still be sending the body it has announced. `written` counts the bytes.
    """

    __slots__ = ("continued", "descriptor", "drained", "inbox", "keep_alive", "outbox", "owes",
                 "peer", "secure", "state", "until", "written")  # fmt: skip

    def __init__(
        self, descriptor: int, peer: bytes, inbox: bytes = b"", *, secure: bool = False
    ) -> None:
        self.descriptor = descriptor
        self.peer = peer
        self.inbox = inbox
        self.secure = secure
        self.owes = False
        self.outbox = b""
        self.state = State.READING
        self.keep_alive = False
        self.continued = False
        self.drained = 0
        self.written = 0
        self.until = 0.0

    @property
    def client(self) -> tuple[str, int]:
        """The client's address and port."""
        return address(self.peer)


class Queues:
    """All connections, by descriptor, and by state in the order in which their time runs out.

    A state has one time limit for all, so whoever entered it first is due first: the queues are
    sorted as they stand.
    """

    def __init__(self) -> None:
        self._all: dict[int, Connection] = {}
        self._by_state: dict[State, dict[int, Connection]] = {state: {} for state in State}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all.values()))

    def get(self, descriptor: int) -> Connection | None:
        """The connection with this descriptor."""
        return self._all.get(descriptor)

    def move(self, connection: Connection, state: State, now: float) -> None:
        """Put a connection, new or known, at the end of a state's queue."""
        self._by_state[connection.state].pop(connection.descriptor, None)
        connection.state = state
        connection.until = now + SECONDS[state]
        self._by_state[state][connection.descriptor] = connection
        self._all[connection.descriptor] = connection

    def hurry(self, state: State, until: float) -> None:
        """Nobody in this state has longer than `until`."""
        for connection in self._by_state[state].values():
            connection.until = min(connection.until, until)

    def any_in(self, state: State) -> bool:
        """Whether there is anybody in this state."""
        return bool(self._by_state[state])

    def drop(self, connection: Connection) -> None:
        """Forget a connection."""
        self._by_state[connection.state].pop(connection.descriptor, None)
        self._all.pop(connection.descriptor, None)

    def overdue(self, now: float) -> list[Connection]:
        """Those whose time has run out."""
        late = []
        for queue in self._by_state.values():
            for connection in queue.values():
                if connection.until > now:
                    break
                late.append(connection)
        return late

    def longest_waiting(self) -> Connection | None:
        """The one to let go first: who has been answered, then who has kept us waiting longest."""
        for state in (State.LINGERING, State.DRAINING, State.READING, State.BODY, State.WRITING):
            for connection in self._by_state[state].values():
                return connection
        return None
