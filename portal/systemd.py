"""What systemd tells and hears: the sockets it, or our own supervisor, has opened; "still alive".

sd_listen_fds(3): LISTEN_FDS descriptors from number 3 on belong to the process LISTEN_PID.
sd_notify(3): one datagram to NOTIFY_SOCKET; with WatchdogSec= one is expected again and again.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from math import inf
from typing import Final

# SD_LISTEN_FDS_START in systemd's sd-daemon.h.
FIRST: Final = 3


def inherited(environment: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """The sockets handed to this process, in order; none where there are none for it.

    They become close-on-exec and the variables are removed, so that no child takes them for
    its own (sd_listen_fds with unset_environment). A descriptor that is no socket raises
    OSError.
    """
    pid = environment.pop("LISTEN_PID", "")
    count = environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    descriptors = range(FIRST, FIRST + int(count))
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


def notify(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell the service manager `state`, such as "READY=1"; a no-op where none listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # the abstract namespace, unix(7)
    with (
        suppress(OSError),  # it is being restarted, and will ask nothing of us
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.sendto(state.encode(), address)


def pace(environment: Mapping[str, str] = os.environ) -> float:
    """Seconds between two signs of life, three within WatchdogSec=; infinite without it."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 3e6 if microseconds.isdecimal() else inf
