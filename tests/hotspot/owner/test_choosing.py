"""Who looks after the home network here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hotspot.errors import Refused
from hotspot.machine import journal
from hotspot.machine.journal import Journal
from hotspot.machine.neighbours import NETWORK_MANAGER, WPA_SUPPLICANT
from hotspot.machine.steps import STATION, State
from hotspot.owner.choosing import chosen
from hotspot.owner.networkmanager import NetworkManager
from hotspot.owner.opening import holders, opened
from hotspot.owner.wpa_supplicant import WpaSupplicant
from hotspot.settings import Home, Radio, Settings

MANAGED = frozenset({NETWORK_MANAGER})
CHOICES = [
    ("auto", MANAGED, "networkmanager"),
    ("auto", frozenset({WPA_SUPPLICANT}), "wpa_supplicant"),
    ("auto", frozenset[str](), "wpa_supplicant"),
    ("networkmanager", frozenset[str](), "networkmanager"),
    ("wpa_supplicant", MANAGED, "wpa_supplicant"),
]


@pytest.mark.parametrize(("setting", "held_by", "name"), CHOICES)
def test_chosen(setting: str, held_by: frozenset[str], name: str) -> None:
    """The setting, else whoever held the interface before us."""
    assert chosen(setting, held_by) == name


def settings(owner: str = "auto") -> Settings:
    """Settings with this owner."""
    return Settings(radio=Radio("DE"), home=Home(owner=owner))


def taken(runtime: Path, interface: str, held_by: frozenset[str]) -> None:
    """We run, on an interface that somebody held before."""
    before = State(interface=interface, type=STATION, up=True, held_by=held_by)
    journal.write(runtime, Journal(before))


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH without nmcli: these tests never touch this machine's."""
    monkeypatch.setenv("PATH", str(tmp_path))


def test_who_held_it(tmp_path: Path) -> None:
    """While we run it is on file; else, or for another interface, it is asked."""
    taken(tmp_path, "wlan0", MANAGED)

    assert holders("wlan0", tmp_path) == MANAGED
    assert holders("lo", tmp_path) == frozenset()


def test_opened(tmp_path: Path) -> None:
    """The owner that was chosen."""
    taken(tmp_path, "wlan0", MANAGED)

    assert isinstance(opened(settings(), "wlan0", tmp_path), NetworkManager)
    assert isinstance(opened(settings("wpa_supplicant"), "wlan0", tmp_path), WpaSupplicant)


def test_without_jeepney(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing and how it is had, and only where it is needed."""
    for name in [name for name in sys.modules if name.startswith(("jeepney", "hotspot.owner."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jeepney", None)

    with pytest.raises(Refused, match="without jeepney: install"):
        opened(settings("networkmanager"), "wlan0", tmp_path)
    assert opened(settings("wpa_supplicant"), "wlan0", tmp_path).kept is not None
