"""The radio agent's socket, asked: one request a connection, then its reports until it closes.

The agent is root's and comes only when asked (the supervisor, or systemd, holds the socket); it
may not be there, may die, may hang. Whatever of this happens is `Silent`, with words for it, and
nothing here waits without a limit.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from portal.joining.reports import LONGEST, Garbled, Report, read

SOCKET: Final = "radio.sock"

# Seconds. A busy supervisor starts the agent in 1 to 3 (Python and netlink on a Pi Zero 2 W).
CONNECTING: Final = 5.0
# Between two reports of a join: its longest step, DHCP with its retries, takes 45 at most.
SILENCE: Final = 120.0
ANSWERING: Final = 15.0


class Silent(Exception):  # noqa: N818 - named for what the radio is
    """The radio does not answer: nobody is there, or nothing is said that can be read."""


class Absent(Silent):
    """Nobody is there to ask, so nothing was asked."""


class Talk(Protocol):
    """One conversation: its reports as they come; `close` ends it from any thread."""

    def __iter__(self) -> Iterator[Report]:
        """The reports; ends where the agent closes. Raises `Silent`."""
        ...

    def close(self) -> None:
        """End it now."""
        ...

    def __enter__(self) -> Self:
        """Itself."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        ...


class Radio:
    """The agent behind the socket at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, request: Mapping[str, Any], silence: float = ANSWERING) -> Conversation:
        """Say one request; `silence` is the longest wait for each report. Raises `Absent`."""
        line = json.dumps(request, separators=(",", ":")).encode("ascii") + b"\n"
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.settimeout(CONNECTING)
            stream.connect(str(self._path))
            stream.sendall(line)
            stream.settimeout(silence)
        except OSError as error:
            stream.close()
            raise Absent("this device's radio does not answer") from error
        return Conversation(stream)


class Conversation:
    """The reports that answer one request; a context manager."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._file = stream.makefile("rb")
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._file.close()
            self._stream.close()

    def __iter__(self) -> Iterator[Report]:
        """The reports, until the agent closes. Raises `Silent`."""
        while line := self._line():
            try:
                report = read(line)
            except Garbled as error:
                raise Silent("this device's radio gave an answer that cannot be read") from error
            if report is not None:
                yield report

    def _line(self) -> bytes:
        try:
            line = self._file.readline(LONGEST + 1)
        except (OSError, ValueError) as error:  # ValueError: closed meanwhile
            raise Silent("this device's radio has stopped answering") from error
        if line and not line.endswith(b"\n"):
            raise Silent("this device's radio broke off")
        return line

    def close(self) -> None:
        """End it from any thread: whoever waits for a report finds the end of the stream."""
        with self._lock, contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
