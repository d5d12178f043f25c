"""The event loop of the process that ends TLS: many pairs, none of which can hold up another.

It knows no HTTP. How long a request may take, and how many there may be, the portal decides; here
only the handshake and standing still have a time limit.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from collections.abc import Callable
from typing import Final

from portal.tls import handover
from portal.tls.pair import Pair

# A handshake as a whole; after that, a pair on which nothing moves. Longer than what the portal
# grants a silent connection, so that it is the one to end it.
PATIENCE: Final = 10.0
# RFC 9112 9.6: how long a client may take to close behind us.
LINGER: Final = 2.0
# Each costs two descriptors and, with OpenSSL's buffers, up to 60 KiB.
PAIRS_MOST: Final = 200
_BATCH: Final = 16


class Relay:
    """Accepts on `listener`, shakes hands as `context` says, hands over on `channel`.

    `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        listener: socket.socket,
        channel: socket.socket,
        context: ssl.SSLContext,
        clock: Callable[[], float],
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._channel = channel
        self._context = context
        self._clock = clock
        self._poll = select.epoll()
        self._poll.register(listener, select.EPOLLIN)
        self._pairs: dict[int, Pair] = {}
        self._streams: dict[int, Pair] = {}

    def __len__(self) -> int:
        return len(self._pairs)

    def watch(self, descriptor: int) -> None:
        """Let `turn` return when `descriptor` is readable."""
        self._poll.register(descriptor, select.EPOLLIN)

    def stop_listening(self) -> None:
        """Accept no more."""
        self._poll.unregister(self._listener)

    def close(self) -> None:
        """Let go of everybody."""
        for pair in [*self._pairs.values()]:
            self._close(pair)
        self._poll.close()

    def turn(self, seconds: float | None) -> None:
        """Wait up to `seconds`, or for ever, for something to happen, and see to all that has."""
        for descriptor, events in self._poll.poll(self._patience(seconds)):
            pair = self._pairs.get(descriptor) or self._streams.get(descriptor)
            if pair is not None:
                self._stirred(pair, broken=bool(events & select.EPOLLERR))
            elif descriptor == self._listener.fileno():
                self._meet()
        self._sweep()

    def _patience(self, seconds: float | None) -> float | None:
        if not self._pairs:
            return seconds
        due = min(pair.until for pair in self._pairs.values()) - self._clock()
        # Not less than a millisecond, which is what epoll counts in.
        return max(0.001, due if seconds is None else min(due, seconds))

    def _meet(self) -> None:
        for _ in range(_BATCH):
            try:
                accepted, client = self._listener.accept()
            except OSError:
                return
            if len(self._pairs) >= PAIRS_MOST:
                self._close(min(self._pairs.values(), key=lambda pair: pair.until))
            self._let_in(accepted, client)

    def _let_in(self, accepted: socket.socket, client: tuple[str, int]) -> None:
        accepted.setblocking(False)
        try:
            secure = self._context.wrap_socket(
                accepted, server_side=True, do_handshake_on_connect=False
            )
        except OSError:
            # It has gone already.
            accepted.close()
            return
        pair = Pair(secure, client, self._clock() + PATIENCE)
        self._pairs[secure.fileno()] = pair
        self._poll.register(secure, select.EPOLLIN)
        self._stirred(pair, broken=False)

    def _stirred(self, pair: Pair, *, broken: bool) -> None:
        """See how far a pair gets; whatever goes wrong with it ends it alone."""
        try:
            if broken or not self._goes_on(pair):
                self._close(pair)
                return
        except OSError:
            self._close(pair)
            return
        secure, stream = pair.wants()
        self._poll.modify(pair.secure, secure)
        if pair.stream is not None:
            self._poll.modify(pair.stream, stream)

    def _goes_on(self, pair: Pair) -> bool:
        if pair.leaving:
            return not pair.drained()
        if pair.stream is None:
            if not pair.shake():
                return True
            self._hand_over(pair)
        self._flow(pair)
        return True

    def _flow(self, pair: Pair) -> None:
        number = -1 if pair.stream is None else pair.stream.fileno()
        if pair.flow():
            pair.until = self._clock() + PATIENCE
        if pair.leaving:
            pair.until = self._clock() + LINGER
            del self._streams[number]

    def _hand_over(self, pair: Pair) -> None:
        """Give the portal the other end of a new stream. Raises OSError."""
        pair.stream, theirs = socket.socketpair()
        with theirs:
            pair.stream.setblocking(False)
            handover.give(self._channel, pair.client, theirs)
        self._streams[pair.stream.fileno()] = pair
        self._poll.register(pair.stream, select.EPOLLIN)

    def _sweep(self) -> None:
        now = self._clock()
        for pair in [pair for pair in self._pairs.values() if pair.until <= now]:
            self._close(pair)

    def _close(self, pair: Pair) -> None:
        """Let go of a pair; closing its descriptors takes them out of the poll."""
        self._pairs.pop(pair.secure.fileno(), None)
        if pair.stream is not None:
            self._streams.pop(pair.stream.fileno(), None)
        with contextlib.suppress(OSError):
            pair.close()
