"""One client under TLS, and the stream by which the portal hears and answers it in the clear.

Bytes are moved both ways as far as they go, never more than one chunk kept on each side, so a
client that does not read stops the portal's writing and not this process. The end is passed on
too: the client's as a half-close, the portal's as TLS's close_notify and a FIN.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from typing import Final

# The most that one TLS record holds (RFC 8446 5.1).
_CHUNK: Final = 16 * 1024
_WAITS: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
_IN: Final = select.EPOLLIN
_OUT: Final = select.EPOLLOUT


class Pair:
    """A TLS socket and, once hands are shaken, a stream. `until` is when its patience ends."""

    __slots__ = (
        "_client_ended", "_inward", "_outward", "_shaking_wants",
        "client", "leaving", "secure", "stream", "until",
    )  # fmt: skip

    def __init__(self, secure: ssl.SSLSocket, client: tuple[str, int], until: float) -> None:
        self.secure = secure
        self.client = client
        self.until = until
        self.stream: socket.socket | None = None
        self.leaving = False
        self._client_ended = False
        self._inward = b""
        self._outward = b""
        self._shaking_wants = _IN

    def shake(self) -> bool:
        """Go on with the handshake: whether it is done. Raises OSError when it has failed."""
        try:
            self.secure.do_handshake()
        except ssl.SSLWantReadError:
            self._shaking_wants = _IN
        except ssl.SSLWantWriteError:
            self._shaking_wants = _OUT
        else:
            return True
        return False

    def wants(self) -> tuple[int, int]:
        """What to wait for (epoll(7)), at the TLS socket and at the stream."""
        if self.stream is None:
            return (_IN if self.leaving else self._shaking_wants), 0
        secure = _IN * (not self._inward and not self._client_ended) | _OUT * bool(self._outward)
        stream = _IN * (not self._outward) | _OUT * bool(self._inward)
        return secure, stream

    def flow(self) -> bool:
        """Move what can be moved: whether that was anything. Raises OSError at the end of it."""
        moved, moving = False, True
        while moving and not self.leaving:
            # Both, each time: a client that sends without end must not keep the portal silent.
            moving = any([self._move_in(), self._move_out()])
            moved = moved or moving
        return moved

    def _move_in(self) -> bool:
        """From the client to the portal."""
        assert self.stream  # noqa: S101 - who flows has shaken hands
        if self._inward:
            try:
                sent = self.stream.send(self._inward)
            except BlockingIOError:
                return False
            except OSError:
                # The portal has closed: what it has said is still to be told, the rest is not.
                sent = len(self._inward)
            self._inward = self._inward[sent:]
            return True
        if self._client_ended:
            return False
        try:
            self._inward = self.secure.recv(_CHUNK)
        except _WAITS:
            return False
        if not self._inward:
            self._client_ended = True
            with contextlib.suppress(OSError):
                self.stream.shutdown(socket.SHUT_WR)
        return True

    def _move_out(self) -> bool:
        """From the portal to the client."""
        assert self.stream  # noqa: S101 - see above
        if self._outward:
            try:
                sent = self.secure.send(self._outward)
            except _WAITS:
                return False
            self._outward = self._outward[sent:]
            return True
        try:
            self._outward = self.stream.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            self._outward = b""
        if not self._outward:
            self._leave()
        return True

    def _leave(self) -> None:
        """The portal has said its last: close_notify (RFC 8446 6.1), then half-close."""
        assert self.stream  # noqa: S101 - see above
        self.stream.close()
        self.stream = None
        self.leaving = True
        # It would also wait for the client's own; that one is read and thrown away.
        with contextlib.suppress(OSError):
            self.secure.unwrap()
        with contextlib.suppress(OSError):
            self.secure.shutdown(socket.SHUT_WR)

    def drained(self) -> bool:
        """Read and throw away what still comes: whether the client has closed too."""
        try:
            return not self.secure.recv(_CHUNK)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Let go of both sockets."""
        if self.stream is not None:
            self.stream.close()
        self.secure.close()
