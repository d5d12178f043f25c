"""An attempt in a scene where all is well, but for what is given."""

from __future__ import annotations

import ipaddress
import threading
from typing import TYPE_CHECKING, Any

import pytest

from hotspot.config.values import Secret
from hotspot.uplink import steps
from hotspot.uplink.attempt import Attempt, Place
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Ended, Event, Step, Went
from hotspot.uplink.sighting import Seen
from hotspot.uplink.wanted import Wanted
from tests.hotspot.uplink.fakes import FakeMeans, FakeOwner, FakeRoom, Scene

if TYPE_CHECKING:
    from pathlib import Path

IPv4, Interface = ipaddress.IPv4Address, ipaddress.IPv4Interface
OURS = Seen("02:00:00:00:02:00", 2437, -40, "wpa2")
LEASE = Lease(Interface("192.168.77.131/24"), IPv4("192.168.77.1"), (IPv4("192.168.77.1"),))
WANTED = Wanted(ssid=b"Zuhause", passphrase=Secret("an island in the sun"))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds of calm are shorter here."""
    monkeypatch.setattr(steps, "_STABLE_SECONDS", 0.01)


class Joining:
    """An attempt in a scene; `told` is what it said on the way."""

    def __init__(self, runtime: Path, scene: Scene, internet: str = "reported") -> None:
        self.scene = scene
        self.told: list[Event] = []
        self.cancelled = threading.Event()
        self.means = FakeMeans(scene)
        place = Place(
            interface="wlan0",
            address=Interface("100.64.64.1/22"),
            runtime=runtime,
            internet=internet,
            hostname="raspberrypi",
            known=lambda _: [2462],
        )
        self._attempt = Attempt(place, FakeRoom(scene), FakeOwner(scene), self.means)

    def join(self, wanted: Wanted = WANTED) -> Ended:
        """How it ends."""
        return self._attempt.join("7", wanted, self.told.append, self.cancelled)

    @property
    def way(self) -> list[tuple[Step, str]]:
        """The steps, as they were told."""
        return [(event.step, event.state) for event in self.told if isinstance(event, Went)]


def scene(**given: Any) -> Scene:
    """A home network that is all right, but for what is given."""
    return Scene(**{"on_air": {2437: [OURS]}, "lease": LEASE, **given})
