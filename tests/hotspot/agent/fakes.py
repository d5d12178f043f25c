"""A radio that does what a test says, by the agent's own port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from hotspot.agent.port import Cancelled, CannotNow
from hotspot.air.nl80211 import Station
from hotspot.channel import Heard
from hotspot.config.values import Secret
from hotspot.owner.port import Kept
from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, Outcome, Step, Went
from hotspot.uplink.wanted import Wanted

HOME = Wanted(ssid=b"Home", passphrase=Secret("correct horse"))
AIR = [Heard(b"Home", -41.4, 2437, "wpa2", b"\2\0\0\0\0\1"), Heard(b"", -50, 2412)]
DEADLINE = 30


class FakeRadio:
    """Joins and scans wait for `gate`, or until they are cancelled."""

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.gate = threading.Event()
        self.gate.set()
        self.refusal: Exception | None = None
        self.joined: list[tuple[str, Wanted]] = []
        self.scans = 0
        self.home: Kept | None = None
        self.keeps: list[tuple[str, Wanted, str]] = []
        self.tidied = False
        self.crowd = 1
        self.denied: set[str] = set()
        self.doings: list[tuple[str, str]] = []

    def scan(self, tell: Callable[[int, int], None], cancelled: Cancelled) -> Sequence[Heard]:
        self.scans += 1
        self._may()
        tell(0, 2)
        self._wait(cancelled)
        tell(2, 2)
        return AIR

    def stations(self) -> Sequence[Station]:
        self._may()
        return [Station("02:00:00:00:01:00", 7, -50)] * self.crowd

    def join(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: Cancelled,
    ) -> Ended:
        self.joined.append((key, wanted))
        tell(Went(Step.FOUND, "done"))
        tell(Went(Step.AUTHENTICATED, "begun"))
        self._may()
        if self._wait(cancelled):
            return Ended(outcome=Outcome.CANCELLED, step=Step.AUTHENTICATED, key=key)
        self.home = Kept(key, wanted.ssid)
        return Ended(outcome=Outcome.CONNECTED, step=Step.KEPT, key=key, address="192.0.2.7/24")

    def keep(self, key: str, wanted: Wanted, owner: str) -> None:
        self._may()
        self.keeps.append((key, wanted, owner))
        self.home = Kept(key, wanted.ssid)

    def dismiss(self, address: str) -> None:
        self._may()
        self.denied.add(address)
        self.doings.append(("dismiss", address))

    def readmit(self, address: str) -> None:
        self.denied.discard(address)
        self.doings.append(("readmit", address))
        self._may()

    def state(self) -> str:
        return "serving"

    def kept(self) -> Kept | None:
        return self.home

    def forget(self) -> bytes | None:
        found, self.home = self.home, None
        return found.ssid if found else None

    def tidy(self) -> None:
        self.tidied = True

    def _may(self) -> None:
        if self.refusal:
            raise self.refusal

    def _wait(self, cancelled: Cancelled) -> bool:
        """Until the gate is open: whether it was cancelled before."""
        for _ in range(100 * DEADLINE):
            if cancelled.is_set():
                return True
            if self.gate.wait(0.01):
                return False
        raise CannotNow("the test has forgotten its gate")
