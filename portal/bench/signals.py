"""How strongly each device is heard: asked of the radio agent while somebody looks at the wall.

The agent is a process that starts when it is asked and ends when it is not (20 MB of a Zero's
512), so nobody who does not look costs that. Asked by the bench's thread, never by the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from portal.joining.radio import Radio, Silent
from portal.joining.reports import Stations

# Seconds. A page asks for changes every second and a half, one in the background every five; a
# person who carries a box about sees every step, and the radio is asked six times a minute.
LOOKING: Final = 15.0
EVERY: Final = 10.0
_ANSWERING: Final = 3.0


class Signals:
    """`ask()` gives dBm by MAC and raises `Silent`; `told` is given them; `clock` is in seconds."""

    def __init__(
        self,
        ask: Callable[[], Mapping[str, int]],
        told: Callable[[Mapping[str, int]], None],
        clock: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._told = told
        self._clock = clock
        self._looked = self._asked = float("-inf")

    def watched(self) -> None:
        """Somebody looks at the wall."""
        self._looked = self._clock()

    def look(self) -> None:
        """Ask, where somebody looks and it is time. Waits for the radio: for a thread."""
        now = self._clock()
        if now - self._looked > LOOKING or now - self._asked < EVERY:
            return
        self._asked = now
        try:
            found = self._ask()
        except Silent:  # without a radio, as beside somebody else's access point
            found = {}
        self._told(found)


def by_radio(radio: Radio) -> Callable[[], Mapping[str, int]]:
    """The radio agent's `stations`, as `Signals` asks for it."""

    def ask() -> Mapping[str, int]:
        found: dict[str, int] = {}
        with radio.ask({"verb": "stations"}, _ANSWERING) as conversation:
            for report in conversation:
                if isinstance(report, Stations):
                    found.update(report.signals)
        return found

    return ask
