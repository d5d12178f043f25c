"""Stations that were sent off, and when each may come back.

RUNTIME/dismissed.json has them too, by the monotonic clock, which all processes of one boot share:
an agent that comes after one that was killed lets in whom that one has not.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from pathlib import Path
from typing import Final, Protocol

from hotspot import files
from hotspot.agent.port import CannotNow
from hotspot.log import log

FILE: Final = "dismissed.json"
# As many as hostapd is to hold in its list; the one that is away longest comes back for another.
MOST: Final = 512


class Doorkeeper(Protocol):
    """What of a radio is asked here."""

    def dismiss(self, address: str) -> None:
        """Send a station off. Raises `CannotNow`."""
        ...

    def readmit(self, address: str) -> None:
        """Let it on again. Raises `CannotNow`."""
        ...


class Dismissing:
    """Sends off by `radio` and lets back in when it is time, in a thread while there is anybody."""

    def __init__(self, radio: Doorkeeper, runtime: Path) -> None:
        self._radio = radio
        self._file = runtime / FILE
        self._change = threading.Condition()
        self._ended = False
        self._until = _read(self._file)
        if self._until:
            self._begin()

    @property
    def pending(self) -> bool:
        """Whether somebody is still to be let back in."""
        return bool(self._until)

    def dismiss(self, address: str, seconds: float) -> None:
        """Send `address` off for so long; once more makes it longer. Raises `CannotNow`."""
        with self._change:
            self._radio.dismiss(address)
            idle = not self._until
            self._until[address] = time.monotonic() + seconds
            if len(self._until) > MOST:
                self._readmit(min(self._until, key=self._until.__getitem__))
            self._write()
            if idle:
                self._begin()
            self._change.notify()

    def end(self) -> None:
        """Leave the rest to the next agent."""
        with self._change:
            self._ended = True
            self._change.notify()

    def _begin(self) -> None:
        threading.Thread(target=self._keep, name="dismissing", daemon=True).start()

    def _keep(self) -> None:
        with self._change:
            while self._until and not self._ended:
                left = min(self._until.values()) - time.monotonic()
                if left > 0:
                    self._change.wait(left)
                    continue
                self._readmit(min(self._until, key=self._until.__getitem__))
                self._write()

    def _readmit(self, address: str) -> None:
        del self._until[address]
        # Without an access point there is nobody to keep it off.
        with contextlib.suppress(CannotNow):
            self._radio.readmit(address)

    def _write(self) -> None:
        try:
            files.replace(self._file, json.dumps(self._until).encode("ascii"), mode=0o600)
        except OSError as error:
            log(f"radio: {self._file} cannot be written ({error.strerror or error})")


def _read(path: Path) -> dict[str, float]:
    """What an agent before this one has left; nothing where that cannot be read."""
    try:
        found = json.loads(path.read_bytes())
        return {str(address): float(until) for address, until in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
