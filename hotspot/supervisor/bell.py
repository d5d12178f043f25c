"""The kernel's bell: rings when a link, an address or a route of this machine has changed.

Of the kernel's messages (rtnetlink) not a byte is parsed: whoever hears it looks for itself.
"""

from __future__ import annotations

import errno
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.supervisor.loop import Loop

_LARGEST = 65536


class Bell:
    """Calls `rung` whenever the kernel tells of one of `groups` (linux/rtnetlink.h, RTMGRP_*)."""

    def __init__(self, loop: Loop, groups: int, rung: Callable[[], None]) -> None:
        self._loop = loop
        self._rung = rung
        self._kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._kernel.setblocking(False)
        self._kernel.bind((0, groups))
        loop.watch(self._kernel, self._heard)

    def _heard(self) -> None:
        try:
            while True:
                self._kernel.recv(_LARGEST)
        except BlockingIOError:
            pass
        except OSError as error:
            # More has happened than the socket holds: all the more reason to look.
            if error.errno != errno.ENOBUFS:
                raise
        self._rung()

    def close(self) -> None:
        """Ring no more."""
        self._loop.forget(self._kernel)
        self._kernel.close()
