"""The front door: one event loop that holds every connection and is never made to wait.

Threads answer pages; this loop does all reading, writing and closing, so that no client holds a
thread: a request is handed on only when it is complete, and its answer comes back as bytes.
Probes are answered on the doorstep. A connection ends politely (RFC 9112 9.6): write and
half-close, read what still comes for a while, then close. Never a reset, which new iOS does not
forgive. The life of a connection:

    READING --a probe-----------------------> LINGERING --end of stream, or 2 s--> closed
       |                                          ^
       +--(BODY)--complete--> ELSEWHERE --> WRITING --keep-alive--> READING

Who was refused while a body was still to come is in DRAINING instead of LINGERING: it may take
as long as a body may, because it reads the answer only after having sent it.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final

from portal.door import heads
from portal.door.connection import Connection, Queues, State
from portal.door.descriptors import RECEIVE, Door, half_close, receive, send
from portal.door.doorstep import Doorstep
from portal.door.paper import Reply

# What is read and thrown away of a body nobody wants, so that the refusal can be read in peace.
DRAIN_LIMIT: Final = 2 * 1024 * 1024
SWEEP_SECONDS: Final = 0.25
# Once we accept no more: how long a kept connection may still bring a request that was on its way.
LAST_CALL_SECONDS: Final = 2.0
_UNREAD: Final = 1024 * 1024
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_GONE: Final = select.EPOLLHUP | select.EPOLLERR
# Nobody's address: those who linger have been answered.
_NOBODY: Final = bytes(16)


class Front:
    """The loop itself. `turn` does one round of it.

    `ready(head, peer)` gives a probe's ready answer or None (`peer` is a sockaddr_in);
    `submit(connection, request)` hands a complete request to the threads, after which
    `Front.finished` is called *in the loop's own thread*; `refusal(status)` is the ready answer
    to a request that is not handed on. `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        *,
        ready: Callable[[bytes, bytes], bytes | None],
        submit: Callable[[Connection, bytes], None],
        refusal: Callable[[int], bytes],
        clock: Callable[[], float],
        body_limit: int,
        connection_limit: int,
    ) -> None:  # fmt: skip
        self._ready = ready
        self._submit = submit
        self._refusal = refusal
        self._clock = clock
        self._body_limit = body_limit
        self._connection_limit = connection_limit
        self._poll = select.epoll()
        self._doors: dict[int, Door] = {}
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._queues = Queues()
        self._swept = clock()
        self._doorstep = Doorstep(
            ready=ready,
            let_in=self.let_in,
            linger=self._let_linger,
            make_room=self._make_room,
            busy=lambda: self.answering,
            clock=clock,
        )

    def __len__(self) -> int:
        return len(self._queues) + len(self._doorstep)

    def watch(self, descriptor: int, callback: Callable[[], None]) -> None:
        """Call `callback` whenever `descriptor` is readable."""
        self._callbacks[descriptor] = callback
        self._poll.register(descriptor, select.EPOLLIN)

    def forget(self, descriptor: int) -> None:
        """The end of `watch`."""
        if self._callbacks.pop(descriptor, None):
            self._poll.unregister(descriptor)

    def listen(self, listeners: Iterable[socket.socket]) -> None:
        """Begin to accept from these sockets, which already listen."""
        for door in map(Door, listeners):
            self._doors[door.descriptor] = door
            self._poll.register(door.descriptor, select.EPOLLIN)

    def stop_listening(self) -> None:
        """Accept no more; those who are inside are served to the end, without keep-alive."""
        for descriptor in self._doors:
            self._poll.unregister(descriptor)
        self._doors.clear()
        self._queues.hurry(State.READING, self._clock() + LAST_CALL_SECONDS)

    @property
    def answering(self) -> bool:
        """Whether an answer is being made elsewhere."""
        return self._queues.any_in(State.ELSEWHERE)

    def turn(self, seconds: float) -> None:
        """Wait up to `seconds` for something to happen, and see to all that has."""
        stirred = self._poll.poll(self._patience(seconds))
        for descriptor, events in stirred:
            connection = self._queues.get(descriptor)
            if connection is not None:
                self._stirred(connection, events)
            elif descriptor in self._callbacks:
                self._callbacks[descriptor]()
        # Newcomers last: one may take the place of somebody who has just now said something.
        for descriptor in self._doors.keys() & dict(stirred).keys():
            self._doorstep.meet(self._doors[descriptor])
        now = self._clock()
        self._doorstep.see_off(now)
        if now - self._swept >= SWEEP_SECONDS:
            self._swept = now
            self._sweep(now)

    def close(self) -> None:
        """Let go of everything at once."""
        self._doorstep.see_off(float("inf"))
        for connection in self._queues:
            self._close(connection)
        self._poll.close()

    def _patience(self, seconds: float) -> float:
        leaving = self._doorstep.patience(self._clock())
        if leaving is not None:
            # Not less than a millisecond, which is what epoll counts in.
            return min(seconds, max(leaving, 0.001))
        return min(seconds, 2 * SWEEP_SECONDS) if len(self._queues) else seconds

    def let_in(
        self, descriptor: int, peer: bytes, inbox: bytes = b"", *, secure: bool = False
    ) -> None:
        """A newcomer that is no probe, or has not said yet what it wants."""
        if len(self) >= self._connection_limit:
            self._make_room()
        connection = Connection(descriptor, peer, inbox, secure=secure)
        self._poll.register(descriptor, select.EPOLLIN)
        self._queues.move(connection, State.READING, self._clock())
        if inbox:
            self._look(connection)

    def _let_linger(self, descriptor: int) -> None:
        """A client that has been answered and has not closed yet."""
        self._poll.register(descriptor, select.EPOLLIN)
        self._queues.move(Connection(descriptor, _NOBODY), State.LINGERING, self._clock())

    def _stirred(self, connection: Connection, events: int) -> None:
        if connection.state is State.ELSEWHERE:
            if events & _GONE:
                self._close(connection)
            else:
                # Its answer is being made. What it sends meanwhile waits in the kernel.
                self._poll.modify(connection.descriptor, 0)
        elif connection.state is State.WRITING:
            self._write(connection)
        else:
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        try:
            data = receive(connection.descriptor, RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            self._close(connection)
            return
        if connection.state in {State.LINGERING, State.DRAINING}:
            connection.drained += len(data)
            if not data or connection.drained > DRAIN_LIMIT:
                self._close(connection)
        elif not data:
            # It has said all it wanted to, and it was not a request.
            self._close(connection)
        else:
            connection.inbox += data
            self._look(connection)

    def _look(self, connection: Connection) -> None:
        """Decide what the bytes so far are."""
        try:
            head = heads.first(connection.inbox)
            if head is None:
                return
            answer = None if connection.secure else self._ready(head, connection.peer)
            if answer is not None:
                self._say(connection, answer)
                return
            length = heads.body_length(head, self._body_limit)
        except heads.Unframed as unframed:
            connection.owes = unframed.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            self._say(connection, self._refusal(unframed.status))
        else:
            self._hand_on(connection, head, len(head) + length)

    def _hand_on(self, connection: Connection, head: bytes, whole: int) -> None:
        """Give a request to the threads once all of it is there."""
        if len(connection.inbox) < whole:
            if not connection.continued and heads.expects_continue(head):
                connection.continued = True
                with contextlib.suppress(OSError):
                    connection.written += send(connection.descriptor, _CONTINUE)
            if connection.state is not State.BODY:
                self._queues.move(connection, State.BODY, self._clock())
            return
        request, connection.inbox = connection.inbox[:whole], connection.inbox[whole:]
        connection.continued = False
        self._queues.move(connection, State.ELSEWHERE, self._clock())
        self._submit(connection, request)

    def finished(self, connection: Connection, reply: Reply) -> None:
        """A thread has answered: send it, and go on as the reply says; its client may be gone."""
        if connection.descriptor < 0:
            return
        connection.keep_alive = reply.keep_alive and bool(self._doors)
        self._send(connection, reply.data)

    def _say(self, connection: Connection, answer: bytes) -> None:
        """Send a last answer."""
        connection.keep_alive = False
        self._send(connection, answer)

    def _send(self, connection: Connection, answer: bytes) -> None:
        connection.outbox = answer
        self._queues.move(connection, State.WRITING, self._clock())
        self._write(connection)

    def _write(self, connection: Connection) -> None:
        """Write what goes; behind a last answer comes the half-close, in one segment if it fits."""
        try:
            # `more` holds the data back until the half-close sends it along with the FIN.
            more = not connection.keep_alive
            sent = send(connection.descriptor, connection.outbox, more=more)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(connection)
            return
        connection.written += sent
        connection.outbox = connection.outbox[sent:]
        if connection.outbox:
            self._poll.modify(connection.descriptor, select.EPOLLOUT)
        elif connection.keep_alive:
            self._poll.modify(connection.descriptor, select.EPOLLIN)
            self._queues.move(connection, State.READING, self._clock())
            if connection.inbox:
                # The next request came along with the last one (pipelining).
                self._look(connection)
        else:
            self._linger(connection)

    def _linger(self, connection: Connection) -> None:
        """Half-close, and wait for the client to do the same."""
        try:
            half_close(connection.descriptor)
        except OSError:
            self._close(connection)
            return
        connection.inbox = connection.outbox = b""
        self._poll.modify(connection.descriptor, select.EPOLLIN)
        state = State.DRAINING if connection.owes else State.LINGERING
        self._queues.move(connection, state, self._clock())

    def _close(self, connection: Connection) -> None:
        """Let go of the descriptor; closing it takes it out of the poll."""
        self._queues.drop(connection)
        os.close(connection.descriptor)
        connection.descriptor = -1

    def _sweep(self, now: float) -> None:
        for connection in self._queues.overdue(now):
            if connection.state in {State.READING, State.BODY}:
                self._linger(connection)
            else:
                self._close(connection)

    def _make_room(self) -> None:
        """Let the one go that has kept us waiting longest, so that a newcomer always gets in."""
        connection = self._queues.longest_waiting()
        if connection is not None:
            # Left unread it would make the close a reset, which takes back our answer as well.
            with contextlib.suppress(OSError):
                os.read(connection.descriptor, _UNREAD)
            self._close(connection)
