"""The agent's end of its socket: one connection, one request, a stream of events.

The socket is inherited and stays where it is when this process ends, which it does by itself
when nobody has asked for anything for a while. A connection is a thread, and there are few; who
is slow to ask or to listen is let go.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Final

from hotspot.agent import peers, protocol
from hotspot.agent.joining import log_bug
from hotspot.agent.protocol import LONGEST, Event, NotUnderstood, refused
from hotspot.agent.verbs import Verbs
from hotspot.errors import Refused
from hotspot.units import notify

# The portal has a few threads, a person one shell. More are a fault, and wait in the backlog.
_MOST: Final = 32
# sd_listen_fds(3): the first inherited descriptor.
_FIRST: Final = 3


def inherited(environment: Mapping[str, str], pid: int) -> socket.socket:
    """The one listening socket this process (`pid`) was started with. Raises `Refused`."""
    meant = environment.get("LISTEN_PID") == str(pid)
    if not meant or environment.get("LISTEN_FDS") != "1":
        raise Refused(
            "no socket was handed over", "this program is started by `vestibule run` or systemd"
        )
    os.set_inheritable(_FIRST, False)
    return socket.socket(fileno=_FIRST)


class Server:
    """Answers on `listener` what `verbs` know, to the user ids `allowed`.

    `patience` is how many seconds a peer has for its request, and for taking any one event;
    after `idle` seconds without a conversation or work, `serve` returns.
    """

    def __init__(
        self,
        listener: socket.socket,
        verbs: Verbs,
        allowed: frozenset[int],
        *,
        idle: float = 60.0,
        patience: float = 10.0,
    ) -> None:
        self._listener = listener
        self._verbs = verbs
        self._allowed = allowed
        self._idle = idle
        self._patience = patience
        self._open: set[socket.socket] = set()
        self._stopping = False
        self._news, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def stop(self) -> None:
        """Have `serve` return soon; may be called from a signal's handler."""
        self._stopping = True
        self._wake()

    def drain(self, seconds: float) -> None:
        """Let those who still listen hear the end of it, for so long at most."""
        deadline = time.monotonic() + seconds
        while self._open and (left := deadline - time.monotonic()) > 0:
            if select.select([self._news], [], [], left)[0]:
                os.read(self._news, 4096)

    def serve(self) -> None:
        """Answer until there has been nothing to do for a while, or until `stop`."""
        # Another process may hold the same socket and be quicker to accept.
        self._listener.setblocking(False)
        last = time.monotonic()
        notify.tell("READY=1")
        while not self._stopping:
            notify.tell("WATCHDOG=1")
            left = last + self._idle - time.monotonic()
            heard = self._wait(notify.pace(max(0.0, left)))
            if heard or self._open or self._verbs.at_work:
                last = time.monotonic()
            elif left <= 0:
                return

    def _wait(self, seconds: float) -> bool:
        """Accept who comes, if there is room; whether anything has happened within `seconds`."""
        sources: list[int | socket.socket] = [self._news]
        if len(self._open) < _MOST:
            sources.append(self._listener)
        ready, _, _ = select.select(sources, [], [], seconds)
        if self._news in ready:
            os.read(self._news, 4096)
        if self._listener in ready:
            self._accept()
        return bool(ready)

    def _wake(self) -> None:
        # Full, it wakes as well.
        with contextlib.suppress(BlockingIOError):
            os.write(self._tell, b"\0")

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            # Gone again before it was its turn.
            return
        self._open.add(connection)
        threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(self._patience)
            for event in self._events(connection):
                connection.sendall(protocol.line(event))
        except OSError:
            # It has left, or it does not listen: what it asked for goes on without it.
            pass
        except Exception as bug:  # noqa: BLE001 - this process's one top-level handler
            log_bug("conversation", bug)
        finally:
            self._open.discard(connection)
            connection.close()
            self._wake()

    def _events(self, connection: socket.socket) -> Iterator[Event]:
        if peers.user_of(connection) not in self._allowed:
            yield refused("not for this user")
            return
        try:
            request = protocol.request(self._line(connection))
        except NotUnderstood as reason:
            yield refused(reason.what, reason.field)
            return
        yield from self._verbs.answer(request)

    def _line(self, connection: socket.socket) -> bytes:
        """One line, however it comes. Raises `NotUnderstood`, or `OSError` when it does not."""
        deadline = time.monotonic() + self._patience
        line = bytearray()
        while b"\n" not in line:
            if len(line) >= LONGEST:
                raise NotUnderstood(f"longer than {LONGEST} bytes")
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            data = connection.recv(LONGEST)
            if not data:
                raise NotUnderstood("no whole line")
            line += data
        connection.settimeout(self._patience)
        return bytes(line[: line.index(b"\n") + 1])
