"""A process that begins anew in its own place, on the same sockets."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

# sd_listen_fds(3): the first of the descriptors handed on.
_FIRST: Final = 3


def succeed(sockets: Sequence[socket.socket], argv: Sequence[str]) -> NoReturn:
    """Begin anew in this very process, so that whoever supervises it need not know."""
    # First out of the way of their own places, so that none is overwritten before its turn.
    clear = _FIRST + len(sockets)
    aside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, clear) for each in sockets]
    for place, number in enumerate(aside, _FIRST):
        os.dup2(number, place)
    handed = {"LISTEN_FDS": str(len(sockets)), "LISTEN_PID": str(os.getpid())}
    words = [sys.executable, "-m", "portal", *argv]
    os.execve(sys.executable, words, os.environ | handed)  # noqa: S606 - no shell is the point
