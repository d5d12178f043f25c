"""By which interface a network is kept, where the access point is to stay beside it."""

from __future__ import annotations

import threading
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING

import pytest

from hotspot.uplink import steps
from hotspot.uplink.attempt import Attempt, Place
from hotspot.uplink.outcome import Moved, Outcome
from tests.hotspot.uplink.fakes import FakeMeans, FakeOwner, FakeRoom
from tests.hotspot.uplink.trying import WANTED, scene

if TYPE_CHECKING:
    from pathlib import Path

ANNOUNCED = (Moved("announce", 11),)
BACK = (Moved("restart", 11), Moved("return", 6))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds of calm are shorter here."""
    monkeypatch.setattr(steps, "_STABLE_SECONDS", 0.01)


@pytest.mark.parametrize(
    ("home", "moves", "kept_by"),
    [
        ("", (), "wlan0"),
        ("", ANNOUNCED, "wlan0"),
        ("vestibule0", (), "vestibule0"),
        ("vestibule0", ANNOUNCED, "vestibule0"),
        # The two cannot be at once: it is for when the access point has gone.
        ("vestibule0", BACK, "wlan0"),
    ],
)
def test_by_which_interface(
    tmp_path: Path, home: str, moves: tuple[Moved, ...], kept_by: str
) -> None:
    """By the station's where it stays beside the access point, else by the access point's."""
    told = scene(moves=moves)
    place = Place(
        interface="wlan0",
        address=IPv4Interface("100.64.64.1/22"),
        runtime=tmp_path,
        internet="reported",
        hostname="raspberrypi",
        known=lambda _: [2462],
        home=home,
    )
    attempt = Attempt(place, FakeRoom(told), FakeOwner(told), FakeMeans(told))

    ended = attempt.join("7", WANTED, lambda _: None, threading.Event())
    assert ended.outcome is Outcome.CONNECTED
    ((_, _, interface),) = told.kept
    assert interface == kept_by
