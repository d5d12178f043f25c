"""Who joins and who leaves the access point: one log line each, as hostapd tells it.

`hotspot.control` can do far more, but it waits for replies and brings 2.7 MiB of modules into
the one process that stays. Here the attachment is a datagram sent, and its reply one that is
passed over: nothing is waited for.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket

from hotspot.log import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.supervisor.loop import Loop

# hostap: wpa_ctrl.h. A level in angle brackets comes before, further words may follow.
_TOLD = {b"AP-STA-CONNECTED": "joined", b"AP-STA-DISCONNECTED": "left"}
# Off the air, hostapd has no stations, and says of none that it left.
_OFF, _ON = b"AP-DISABLED", b"AP-ENABLED"
# Six octets in hexadecimal with colons between them.
_ADDRESS = 17
_DIGITS = b"0123456789abcdef:"
_LARGEST = 4096


class Stations:
    """The event socket of one hostapd after the other, among the supervisor's other sources.

    `counted(stations, silent)` hears how many there are and whether hostapd is off the air,
    whenever one of the two has changed.
    """

    def __init__(
        self, loop: Loop, counted: Callable[[int, bool], None] = lambda _count, _silent: None
    ) -> None:
        self._loop = loop
        self._counted = counted
        self._here: set[str] = set()
        self._silent = False
        self._unanswered = 0
        self._events: socket.socket | None = None
        self._own = ""

    def watch(self, runtime: str, interface: str) -> None:
        """Attach to the hostapd that has just come up, instead of to the one before."""
        self.close()
        self._here.clear()
        self._silent = False
        self._unanswered = 0
        self._counted(0, False)
        self._own = f"{runtime}/stations.sock"
        self._events = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._events.setblocking(False)
        self._remove_own()
        try:
            self._events.bind(self._own)
            self._events.connect(f"{runtime}/hostapd/{interface}")
            self._events.send(b"ATTACH")
        except OSError as error:
            # The access point works; only its comings and goings stay untold.
            log(f"vestibule: stations are not watched: {error.strerror}")
            self.close()
        else:
            self._loop.watch(self._events, self._heard)

    def ping(self) -> int:
        """Ask hostapd whether it lives: how many such questions it has left unanswered before.

        Raises `OSError` where nobody is there to be asked.
        """
        if self._events is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "not attached")
        before = self._unanswered
        self._unanswered += 1
        # Full of questions, as in front of one that has been stopped.
        with contextlib.suppress(BlockingIOError):
            self._events.send(b"PING")
        return before

    @property
    def silent(self) -> bool:
        """Whether hostapd has said that it is off the air."""
        return self._silent

    def _heard(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while self._events:
                datagram = self._events.recv(_LARGEST)
                self._unanswered = 0
                line = told(datagram)
                if line:
                    log(f"vestibule: {line}")
                self._count(datagram, line)

    def _count(self, datagram: bytes, line: str) -> None:
        before = (len(self._here), self._silent)
        _, address, change = line.split() if line else ("", "", "")
        if change == "joined":
            self._here.add(address)
        elif change:
            self._here.discard(address)
        name = datagram.partition(b">")[2].rstrip()
        if name in {_OFF, _ON}:
            self._silent = name == _OFF
            self._here.clear()
        if (len(self._here), self._silent) != before:
            self._counted(len(self._here), self._silent)

    def close(self) -> None:
        """Let go of the event socket and of its file."""
        if self._events:
            self._loop.forget(self._events)
            self._events.close()
            self._events = None
            self._remove_own()

    def _remove_own(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._own)  # noqa: PTH108 - pathlib would add 0.9 MiB


def told(datagram: bytes) -> str:
    """What an event says about a station, "" for any other: `station 02:00:00:00:01:00 joined`."""
    name, _, rest = datagram.partition(b">")[2].partition(b" ")
    address = rest[:_ADDRESS].lower()
    whole = len(address) == _ADDRESS and all(octet in _DIGITS for octet in address)
    if name not in _TOLD or not whole:
        return ""
    return f"station {address.decode('ascii')} {_TOLD[name]}"
