"""The sockets that systemd, or our own supervisor, opened before this process began.

sd_listen_fds(3): LISTEN_FDS descriptors from number 3 on belong to the process LISTEN_PID.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
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
