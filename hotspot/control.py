"""The control sockets of hostapd and wpa_supplicant.

Two sockets each time, one for command and reply, one attached for events, so that an event
never lands where a reply is awaited (hostap's own tests do the same). Ours are files in a
directory of our own and not abstract names: to those every user of the machine could send.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from typing import TYPE_CHECKING, Final, Self

from hotspot.air import events
from hotspot.supervisor import watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# hostapd answers from its event loop: late only while it talks to a slow driver.
_REPLY_SECONDS: Final = 5.0
# hostap's replies end at 4,096 bytes (hostapd/ctrl_iface.c), its events far below.
_LARGEST: Final = 8192
# How often a silent hostapd is asked whether it still lives: a killed one says nothing.
_PING_SECONDS: Final = 1.0


class ControlError(Exception):
    """hostapd or wpa_supplicant did not do what it was asked; the text says what is known."""


class Absent(ControlError):  # noqa: N818 - a ControlError by its base
    """Nobody answers at the control socket."""


class Control:
    """A client of the control socket at `path`, open from the start; a context manager.

    `own_directory` is where our own socket files are while it is open. Failures are
    `ControlError`.
    """

    def __init__(self, path: Path, own_directory: Path) -> None:
        self._path = path
        self._own = own_directory
        self._open = contextlib.ExitStack()
        self._events: socket.socket | None = None
        self._commands = self._open.enter_context(self._connected())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both sockets and remove their files."""
        self._open.close()

    def request(self, command: str, seconds: float = _REPLY_SECONDS) -> str:
        """The reply to one command, as text; "FAIL" and "UNKNOWN COMMAND" are replies too."""
        return _reply(self._commands, command, seconds)

    def attach(self) -> None:
        """Be told of events from now on."""
        self._events = self._open.enter_context(self._connected())
        if _reply(self._events, "ATTACH", _REPLY_SECONDS).strip() != "OK":
            raise ControlError(f"{self._path}: ATTACH was refused")

    def fileno(self) -> int:
        """The descriptor that is readable when an event waits; after `attach`."""
        return self._attached().fileno()

    def read(self) -> events.Event | None:
        """The next event that waits; `None` when none does. Never blocks."""
        with _absence(self._path), contextlib.suppress(BlockingIOError):
            while datagram := self._attached().recv(_LARGEST, socket.MSG_DONTWAIT):
                if (event := events.parse(datagram)) is not None:
                    return event
        return None

    def stations(self) -> tuple[str, ...]:
        """The hardware addresses of the stations that are associated."""
        found: list[str] = []
        reply = self.request("STA-FIRST")
        # A reply is the address on a line of its own, then what is known; the last one is empty
        # or FAIL. A station that leaves in between ends the list early.
        while (first := reply.partition("\n")[0]) and ":" in first and first not in found:
            found.append(first)
            reply = self.request(f"STA-NEXT {first}")
        return tuple(found)

    def _attached(self) -> socket.socket:
        if self._events is None:
            raise ControlError("not attached")
        return self._events

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        """A datagram socket of our own, connected: only the other side can send to it."""
        name = self._own / f"control-{os.urandom(6).hex()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
            try:
                with _absence(self._path):
                    ours.bind(os.fspath(name))
                    ours.connect(os.fspath(self._path))
                yield ours
            finally:
                name.unlink(missing_ok=True)


def wait_until_enabled(path: Path, own_directory: Path, seconds: float) -> None:
    """Return when the access point beacons.

    Raises `ControlError` when hostapd gives up, dies, or has not got there within `seconds`;
    its socket at `path` need not be there yet, but the directory of it must.
    """
    deadline = time.monotonic() + seconds
    try:
        with watch.new_names(path.parent) as names:
            _wait(path, own_directory, names, deadline)
    except OSError as error:
        raise ControlError(f"{path}: {error.strerror or error}") from error


def _wait(path: Path, own_directory: Path, names: int, deadline: float) -> None:
    while (control := _reached(path, own_directory)) is None:
        if time.monotonic() >= deadline:
            raise ControlError(f"hostapd made no {path} in time")
        watch.wait(names, deadline - time.monotonic())
    with control:
        until_enabled(control, deadline)


def _reached(path: Path, own_directory: Path) -> Control | None:
    """An attached control; `None` where nobody answers, as at what a killed hostapd left."""
    with contextlib.suppress(Absent), contextlib.ExitStack() as failing:
        control = failing.enter_context(Control(path, own_directory))
        control.attach()
        failing.pop_all()
        return control
    return None


def until_enabled(control: Control, deadline: float) -> None:
    """Return when the access point beacons, by `deadline` (monotonic); after `attach`.

    Raises `ControlError` when hostapd gives up, dies, or does not get there.
    """
    # Attached first, asked second: what happens in between is told by an event.
    state = events.pairs(control.request("STATUS")).get("state", "")
    outcome = {"ENABLED": events.ENABLED, "DISABLED": events.DISABLED}.get(state)
    while outcome != events.ENABLED:
        if outcome in {events.DISABLED, events.TERMINATING}:
            raise ControlError("hostapd gave up: its log says why")
        left = deadline - time.monotonic()
        if left <= 0:
            raise ControlError("hostapd did not get the access point on the air in time")
        if not select.select([control], [], [], min(left, _PING_SECONDS))[0]:
            control.request("PING")
        event = control.read()
        outcome = event.name if event else None


def _reply(connected: socket.socket, command: str, seconds: float) -> str:
    with _absence(connected.getpeername()):
        connected.send(command.encode("ascii"))
        if not select.select([connected], [], [], seconds)[0]:
            raise ControlError(f"{connected.getpeername()}: no reply in {seconds:g} s")
        return connected.recv(_LARGEST).decode("utf-8", "backslashreplace")


@contextlib.contextmanager
def _absence(path: object) -> Iterator[None]:
    """What the kernel says of a socket nobody is behind, as `Absent`."""
    try:
        yield
    except BlockingIOError:
        raise
    except (FileNotFoundError, ConnectionError) as error:
        raise Absent(f"{path}: nobody answers") from error
    except OSError as error:
        raise ControlError(f"{path}: {error.strerror or error}") from error
