"""A connection to an address that was looked at, with one deadline for everything.

Law: nothing a server does, one byte a second or silence in the middle of a handshake, holds us
past the deadline; and no byte of ours leaves for an address that `addresses` refuses.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal.provisioning.backends import addresses


class Refused(Exception):  # noqa: N818 - named for what we do
    """The address is one that no record goes to; the text says why."""


class Line:
    """Opens one connection after the other; `local` allows every address."""

    def __init__(self, *, local: bool) -> None:
        self.local = local
        self.deadline = 0.0
        self.cut = False
        self._wire: socket.socket | None = None

    def open(self, host: str, port: int) -> socket.socket:
        """A connected socket. Raises `Refused`, OSError."""
        error: Exception = OSError("its name has no address")
        for family, kind, protocol, _, place in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            wire = socket.socket(family, kind, protocol)
            try:
                self._connect(wire, place)
            except (OSError, Refused) as failed:
                wire.close()
                error = failed
            else:
                return wire
        raise error

    def _connect(self, wire: socket.socket, place: Any) -> None:  # noqa: ANN401 - as getaddrinfo has it
        self._check(str(place[0]), "")
        # A connect that takes the whole time leaves none for the next address: half of it.
        wire.settimeout(max(0.1, (self.deadline - time.monotonic()) / 2))
        wire.connect(place)
        # Small requests that wait for their answer: Nagle would hold each back for 40 ms.
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._check(str(wire.getpeername()[0]), str(wire.getsockname()[0]))
        wire.settimeout(max(0.1, self.deadline - time.monotonic()))
        # A second descriptor of the same connection: TLS will take the first one over.
        self._wire = wire.dup()
        if self.cut:
            raise TimeoutError

    def _check(self, peer: str, own: str) -> None:
        reason = None if self.local else addresses.refused(peer, own)
        if reason:
            raise Refused(reason)

    def hang_up(self) -> None:
        """End the connection under whoever reads or writes; for another thread."""
        self.cut = True
        self.shut()

    def shut(self) -> None:
        """End the connection, and say nothing of it."""
        wire = self._wire
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give the second descriptor back."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    @contextmanager
    def bounded(self, seconds: float) -> Iterator[None]:
        """A time in which everything ends. Raises TimeoutError instead of what it caused."""
        self.cut, self.deadline = False, time.monotonic() + seconds
        watch = threading.Timer(seconds, self.hang_up)
        watch.daemon = True
        watch.start()
        try:
            yield
        except Exception as error:
            if self.cut:
                raise TimeoutError from error
            raise
        finally:
            watch.cancel()
            # One that has just run out must not hang up the next attempt's connection, nor wake
            # in a process that is coming to its end. It waits for nothing.
            watch.join()
        if self.cut:
            raise TimeoutError
