"""What a process tells systemd: that it is ready, that it lives, what it is at (sd_notify(3))."""

from __future__ import annotations

import contextlib
import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def tell(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell the service manager `state`, such as "READY=1"; a no-op where none listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # the abstract namespace, unix(7)
    with (
        contextlib.suppress(OSError),  # it is being restarted, and will ask nothing of us
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.sendto(state.encode("utf-8", "replace"), address)


def pace(seconds: float, environment: Mapping[str, str] = os.environ) -> float:
    """How often to say that we live: at most every `seconds`, and thrice in WatchdogSec=."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    return min(seconds, int(microseconds) / 3e6) if microseconds.isdecimal() else seconds
