"""The other end of the agent's socket: a question, and the events that come.

for event in asking.ask(runtime / "radio.sock", {"verb": "scan"}):
    print(event["event"])
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hotspot.agent import protocol
from hotspot.agent.protocol import Event
from hotspot.errors import Refused

# The agent's socket, in RUNTIME.
SOCKET: Final = "radio.sock"
# Seconds between two events. The longest silence is that of a join which leaves the air, tries,
# and comes back.
_PATIENCE: Final = 120.0


class Declined(Refused):
    """The agent has said no: `what`, and at which `field` of the request ("" for none)."""

    def __init__(self, what: str, field: str) -> None:
        super().__init__(f"{field}: {what}" if field else what, "see `vestibule status`")
        self.reason = what
        self.field = field


class Absent(Refused):
    """There is no agent: nothing listens at its place."""


def ask(path: Path, request: Mapping[str, Any], patience: float = _PATIENCE) -> Iterator[Event]:
    """The events that answer one request, as they come.

    Raises `Declined` when the agent refuses, `Refused` when nobody answers or what is said is
    no event; an agent that is killed in the middle is the latter.
    """
    with contextlib.closing(_connected(path, patience)) as connection:
        try:
            connection.sendall(protocol.line(request))
            with connection.makefile("rb") as lines:
                yield from _events(lines.readline)
        except TimeoutError:
            raise Refused("the radio agent says nothing more", _REMEDY) from None
        except OSError as error:
            what = f"the radio agent has gone away ({error.strerror})"
            raise Refused(what, _REMEDY) from error


_REMEDY: Final = "see the log of `vestibule run`, then ask again"


def answer(path: Path, request: Mapping[str, Any]) -> Event:
    """The last event of those that answer a request. Raises as `ask` does."""
    *_, last = ask(path, request)
    return last


def _connected(path: Path, patience: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(patience)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        why = error.strerror or error
        remedy = "start `vestibule run` (as root), or name its directory with --runtime"
        kind = Absent if isinstance(error, FileNotFoundError | ConnectionRefusedError) else Refused
        raise kind(f"no radio agent at {path} ({why})", remedy) from None
    return connection


def _events(read: Callable[[int], bytes]) -> Iterator[Event]:
    last = None
    while line := read(protocol.LONGEST + 1):
        try:
            last = protocol.event(line)
        except protocol.NotUnderstood as error:
            raise Refused(f"the radio agent is not understood ({error})", _REMEDY) from None
        if last["event"] == "refused":
            raise Declined(str(last.get("what")), str(last.get("field", "")))
        yield last
    if last is None or last["event"] not in _LAST:
        raise Refused("the radio agent ended in the middle", _REMEDY)


# The events after which nothing is to come.
_LAST: Final = frozenset(
    {"networks", "stations", "outcome", "kept", "cancelled", "forgotten", "dismissed", "status"}
)
