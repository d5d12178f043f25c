"""The loop: one thread, one poll(2), UDP before TCP.

Sockets are handed in open and bound, so an answer leaves from the address that was asked.
"""

from __future__ import annotations

import select
import socket
import sys
import time

from dnsd import batch, message
from dnsd.batch import Batch
from dnsd.fast import Fast
from dnsd.plain import Plain
from dnsd.stream import Streams
from dnsd.systemd import Heart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from dnsd.answer import Policy
    from dnsd.counts import Counts

# Room for a burst: 4,000 queries at 768 octets each, as the kernel counts a small one.
RECEIVE_BUFFER: Final = 4 << 20
_BACKLOG: Final = 128
# struct timeval: how long a full send buffer (a stuck radio) may hold us up, 0.1 s.
_SEND_TIMEOUT: Final = (0).to_bytes(8, sys.byteorder) + (100_000).to_bytes(8, sys.byteorder)


class Guard:
    """`policy`, with the one handler for what nobody foresaw: SERVFAIL, and a line on stderr.

    The first, second, fourth, eighth … failure is logged, so that no client can fill a log.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._failures = 0

    def __call__(self, query: bytes, client: str, *, stream: bool = False) -> bytes | None:
        """Answer as the policy does; never raises."""
        try:
            return self._policy.respond(query, client, stream=stream)
        except Exception as error:  # noqa: BLE001 - the process's one top-level handler
            self._failures += 1
            if self._failures & (self._failures - 1) == 0:
                log(f"failure {self._failures}: {error!r} on {query[:64].hex()} from {client}")
            return message.failure(query, message.SERVFAIL)


class Server:
    """The resolver on one UDP socket and one TCP listener, which it takes over."""

    def __init__(  # noqa: PLR0913 - the socket pair, what to say, and four that tests choose
        self,
        udp: socket.socket,
        tcp: socket.socket,
        policy: Policy,
        *,
        batches: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
        heart: Heart | None = None,
        counts: Counts | None = None,
    ) -> None:
        """`batches` forces or forbids `dnsd.batch`; None takes it where it is supported.

        `heart` tells whoever watches us that the loop turns, `counts` how much was answered.
        """
        self._heart = heart or Heart({}, clock)
        self._udp, self._tcp = udp, tcp
        _prepare(udp)
        tcp.listen(_BACKLOG)
        guard = Guard(policy)
        datagrams = Batch if (batch.supported(udp) if batches is None else batches) else Plain
        fast = Fast(policy)
        self._datagrams = datagrams(udp, counts.fast(fast) if counts else fast, guard)
        # Not epoll: its entry stays on the socket's wait queue while we are busy, and waking
        # it for every datagram costs 0.25 µs of the 3.5.
        self._poll = select.poll()
        self._poll.register(udp, select.POLLIN)
        self._poll.register(tcp, select.POLLIN)
        respond = counts.respond(guard) if counts else guard
        self._streams = Streams(tcp, respond, self._poll, clock)

    def run(self) -> None:
        """Answer until an exception, such as a signal's, ends it; sleep while nobody asks."""
        while True:
            self.turn()

    def turn(self) -> None:
        """Wait for whatever comes next and deal with it."""
        # UDP is looked at again after every step for TCP, which takes about 1 ms at most.
        serve = self._datagrams.serve
        udp, tcp = self._udp.fileno(), self._tcp.fileno()
        for fd, _ in self._poll.poll(self._heart.limit(self._streams.timeout())):
            if fd == tcp:
                self._streams.accept()
            elif fd != udp:
                self._streams.ready(fd)
            serve()
        self._streams.expire()
        self._heart.beat()

    def close(self) -> None:
        """Let go of every socket."""
        self._streams.close()
        self._udp.close()
        self._tcp.close()


def _prepare(udp: socket.socket) -> None:
    udp.setblocking(True)
    # Past net.core.rmem_max only with CAP_NET_ADMIN; without it as far as that goes.
    force = 33  # SO_RCVBUFFORCE, asm-generic/socket.h; Python has no name for it
    try:
        udp.setsockopt(socket.SOL_SOCKET, force, RECEIVE_BUFFER)
    except PermissionError:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _SEND_TIMEOUT)


def log(line: str) -> None:
    """One line on stderr. The logging module would cost 1.3 MiB for it."""
    sys.stderr.write(f"dnsd: {line}\n")
    sys.stderr.flush()
