"""The control interface of hostapd and wpa_supplicant (their wpa_ctrl.c), by two sockets.

One socket asks and is answered; the other is attached and only hears events, so that an event
never stands where a reply is expected (as hostap's own tests do it).
"""

from __future__ import annotations

import contextlib
import itertools
import re
import select
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest.program import until

REPLY_SECONDS: Final = 10.0
START_SECONDS: Final = 60.0
LARGEST: Final = 65536
OWN: Final = Path("/run/lab")

_numbers = itertools.count()


class Unheard(AssertionError):  # noqa: N818 - it fails a story, as an assertion does
    """No event of the kind waited for came in time."""


class Control:
    """A daemon's control socket at `path`, waited for while the daemon starts."""

    def __init__(self, path: Path, seconds: float = START_SECONDS) -> None:
        until(path.is_socket, seconds, f"control socket {path}")
        self.path = path
        self.history: list[tuple[float, str]] = []
        self._asking = self._socket()
        self._hearing = self._socket()
        assert self._ask(self._hearing, "ATTACH") == "OK"

    def ask(self, command: str) -> str:
        """The answer to `command`, without its last newline."""
        return self._ask(self._asking, command)

    def do(self, command: str) -> None:
        """A command that must succeed."""
        answer = self.ask(command)
        assert answer == "OK", f"{self.path.name}: {' '.join(command.split()[:3])}: {answer}"

    def status(self) -> dict[str, str]:
        """STATUS as its keys and values."""
        return dict(line.split("=", 1) for line in self.ask("STATUS").splitlines() if "=" in line)

    def hears(self, pattern: str, seconds: float, *, since: float | None = None) -> str:
        """The first event from now on (or from `since`, monotonic) that holds `pattern`."""
        deadline = time.monotonic() + seconds
        if since is not None:
            for when, event in self.history:
                if when >= since and re.search(pattern, event):
                    return event
        while (left := deadline - time.monotonic()) > 0:
            heard = self._next(left)
            if heard is not None and re.search(pattern, heard):
                return heard
        recent = "\n".join(event for _, event in self.history[-8:])
        raise Unheard(f"{self.path.name}: no {pattern!r} in {seconds} s; heard:\n{recent}")

    def drain(self) -> None:
        """Take in the events that have come already."""
        while self._next(0) is not None:
            pass

    def _next(self, seconds: float) -> str | None:
        if not select.select([self._hearing], [], [], seconds)[0]:
            return None
        event = self._hearing.recv(LARGEST).decode(errors="backslashreplace")
        self.history.append((time.monotonic(), event))
        return event

    def _socket(self) -> socket.socket:
        OWN.mkdir(exist_ok=True)
        client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        client.bind(str(OWN / f"control-{next(_numbers)}"))
        client.settimeout(REPLY_SECONDS)
        client.connect(str(self.path))
        return client

    @staticmethod
    def _ask(client: socket.socket, command: str) -> str:
        client.send(command.encode())
        return client.recv(LARGEST).decode(errors="backslashreplace").rstrip("\n")

    def close(self) -> None:
        """Leave; the daemon may have gone already."""
        for client in (self._asking, self._hearing):
            with contextlib.suppress(OSError):
                Path(client.getsockname()).unlink()
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self.close()
