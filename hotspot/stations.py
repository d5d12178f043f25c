"""Who joins and who leaves the access point: one log line each, as hostapd tells it.

Loaded by the supervisor only when there is a radio (1.8 MiB of modules).
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot import events
from hotspot.control import Control, ControlError
from hotspot.loop import log

if TYPE_CHECKING:
    from hotspot.loop import Loop

_TOLD: Final = {events.JOINED: "joined", events.LEFT: "left"}


class Stations:
    """The event socket of one hostapd after the other, among the supervisor's other sources."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._control: Control | None = None

    def watch(self, runtime: str, interface: str) -> None:
        """Attach to the hostapd that has just come up, instead of to the one before."""
        self.close()
        try:
            self._control = Control(Path(runtime) / "hostapd" / interface, Path(runtime))
            self._control.attach()
            self._loop.watch(self._control.fileno(), self._heard)
        except ControlError as error:
            # The access point works; only its comings and goings stay untold.
            log(f"vestibule: stations are not watched: {error}")
            self.close()

    def _heard(self) -> None:
        try:
            event = self._control.read() if self._control else None
        except ControlError:
            self.close()
            return
        verb = _TOLD.get(event.name) if event else None
        if event and verb and event.station:
            log(f"vestibule: station {event.station} {verb}")

    def close(self) -> None:
        """Let go of the event socket and of its file."""
        control, self._control = self._control, None
        if control is None:
            return
        with contextlib.suppress(ControlError):  # of one never attached, and so never watched
            self._loop.forget(control.fileno())
        control.close()
