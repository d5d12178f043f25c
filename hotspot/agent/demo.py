"""A radio of thin air: what `vestibule run --demo` joins networks with.

What happens when stands in `hotspot.supervisor.demo`; here it is played in its time, or in less
of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hotspot import files
from hotspot.agent.port import Cancelled
from hotspot.air import scan
from hotspot.air.nl80211 import Station
from hotspot.channel import Heard
from hotspot.owner.port import Kept
from hotspot.supervisor import demo
from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, Outcome, Step
from hotspot.uplink.wanted import Wanted

# In STATE: what a real home network would be to the configuration of the machine.
_HOME: Final = "demo-home.json"


class DemoRadio:
    """Answers as a radio would. `pace` stretches (or shortens) its time; 1.0 is a real join's."""

    def __init__(self, runtime: Path, state: Path, pace: float = 1.0) -> None:
        self._runtime = runtime
        self._home = state / _HOME
        self._pace = pace

    def scan(self, tell: Callable[[int, int], None], cancelled: Cancelled) -> Sequence[Heard]:
        """The street of `hotspot.supervisor.demo`, a channel at a time."""
        channels = len(demo.CHANNELS)
        for done in range(channels + 1):
            tell(done, channels)
            if done < channels and cancelled.wait(demo.A_CHANNEL * self._pace):
                break
        heard = demo.heard()
        scan.write(self._runtime, heard)
        return heard

    def stations(self) -> Sequence[Station]:
        """The phone on which the demo is looked at."""
        return demo.STATIONS

    def dismiss(self, address: str) -> None:
        """In thin air nobody is on."""

    def readmit(self, address: str) -> None:
        """See `dismiss`."""

    def join(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: Cancelled,
    ) -> Ended:
        """Play the story that belongs to this name and password."""
        at = Step.FOUND
        for pause, event in demo.story(key, wanted):
            if cancelled.wait(pause * self._pace):
                return Ended(outcome=Outcome.CANCELLED, step=at, key=key)
            if isinstance(event, Ended):
                if event.outcome is Outcome.CONNECTED:
                    self._keep(Kept(key, wanted.ssid))
                return event
            at = event.step if isinstance(event, outcome.Went) else at
            tell(event)
        raise AssertionError("every story ends")

    def keep(self, key: str, wanted: Wanted, owner: str) -> None:
        """Thin air keeps every network, whoever looks after it."""
        del owner
        self._keep(Kept(key, wanted.ssid))

    def state(self) -> str:
        """The demo's access point is always there."""
        return "serving"

    def kept(self) -> Kept | None:
        """The network of the last success."""
        try:
            found = json.loads(self._home.read_bytes())
            return Kept(found["key"], bytes.fromhex(found["ssid"]))
        except FileNotFoundError:
            return None

    def forget(self) -> bytes | None:
        """Let go of it."""
        kept = self.kept()
        self._home.unlink(missing_ok=True)
        return kept.ssid if kept else None

    def tidy(self) -> None:
        """Thin air needs none."""

    def _keep(self, kept: Kept) -> None:
        text = json.dumps({"key": kept.key, "ssid": kept.ssid.hex()})
        files.replace(self._home, text.encode("ascii"), mode=0o600, durable=True)
