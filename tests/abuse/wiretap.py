"""What goes over a machine's wire: counts packets from a port, and the resets among them."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.hotspot.wire import Machine

_EVERYTHING: Final = 0x0003  # ETH_P_ALL, linux/if_ether.h
_TCP: Final = 6
_FIN, _SYN, _RST = 0x01, 0x02, 0x04
# linux/if_packet.h; SOL_PACKET has no name in Python.
_SOL_PACKET, _STATISTICS = 263, 6
_ROOM: Final = 64 << 20


class Wiretap:
    """What has been seen so far, by TCP port it came from: segments, and those with RST.

    A reset after both ends had sent their FIN stands in `late`, not in `resets`: Linux's client
    now and then acknowledges the last FIN twice, and the second finds no connection any more.
    Nobody is there to notice.
    """

    def __init__(self) -> None:
        self.segments: Counter[int] = Counter()
        self.resets: Counter[int] = Counter()
        self.late: Counter[int] = Counter()
        self.missed = 0
        self._ended: dict[frozenset[bytes], set[bytes]] = {}

    def look(self, packet: bytes) -> None:
        """Take note of one packet, from its IPv4 header on."""
        if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] != _TCP:
            return
        segment = packet[(packet[0] & 15) * 4 :]
        port = int.from_bytes(segment[:2], "big")
        self.segments[port] += 1
        sender = packet[12:16] + segment[:2]
        connection = frozenset({sender, packet[16:20] + segment[2:4]})
        if segment[13] & _SYN:
            self._ended[connection] = set()
        elif segment[13] & _RST:
            over = len(self._ended.get(connection, ())) == len(connection)
            (self.late if over else self.resets)[port] += 1
        elif segment[13] & _FIN:
            self._ended.setdefault(connection, set()).add(sender)


@contextmanager
def wiretap(machine: Machine, link: str) -> Iterator[Wiretap]:
    """Listen on a machine's link meanwhile; afterwards the counts are complete."""
    with machine.inside():
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERYTHING))
    seen = Wiretap()
    with tap:
        with contextlib.suppress(PermissionError):
            tap.setsockopt(socket.SOL_SOCKET, 33, _ROOM)  # SO_RCVBUFFORCE
        tap.bind((link, _EVERYTHING))
        tap.settimeout(0.1)
        ended = threading.Event()
        listener = threading.Thread(target=_listen, args=(tap, seen, ended))
        listener.start()
        try:
            yield seen
        finally:
            ended.set()
            listener.join()
            seen.missed = struct.unpack("=II", tap.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1]


def _listen(tap: socket.socket, seen: Wiretap, ended: threading.Event) -> None:
    """Until it is silent after the end."""
    while True:
        try:
            seen.look(tap.recv(65536))
        except TimeoutError:
            if ended.is_set():
                return
