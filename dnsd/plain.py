"""UDP one datagram at a time, for machines that `dnsd.batch` does not know the layout of.

The same slot, the same `Fast`, the same answers octet for octet: only the system calls
differ.
"""

from __future__ import annotations

import mmap
from socket import MSG_DONTWAIT

from dnsd.fast import SLOT, Fast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from typing import Final

    Respond = Callable[[bytes, str], bytes | None]

# Datagrams in one turn, after which TCP is looked at.
TURN: Final = 1024


class Plain:
    """The UDP side on `sock`, an IPv4 socket: `serve` answers whatever waits there."""

    def __init__(self, sock: socket, fast: Fast, respond: Respond) -> None:
        self._sock = sock
        self._fast = fast
        self._respond = respond
        self._slot = mmap.mmap(-1, SLOT)
        self._client = ""
        self._sizes = [0]

    def serve(self) -> None:
        """Answer the datagrams that wait, a turn's worth at most; never wait for any."""
        for _ in range(TURN):
            try:
                length, address = self._sock.recvfrom_into(self._slot, SLOT, MSG_DONTWAIT)
            except OSError:
                return
            self._client = address[0]
            if not self._fast.fill(self._slot, (length,), self._sizes, self._rare):
                self._send(address)

    def _rare(self, query: bytes, _which: int) -> bytes | None:
        return self._respond(query, self._client)

    def _send(self, address: tuple[str, int]) -> None:
        try:
            self._sock.sendto(self._slot[: self._sizes[0]], address)
        except OSError:
            # A send buffer full for as long as SO_SNDTIMEO, or an address such as port 0.
            return
