"""The house under systemd: which units it starts and stops, and when it finds them dead."""

from __future__ import annotations

import os
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from hotspot.home import household
from hotspot.home.house import House
from hotspot.home.household import Household
from hotspot.supervisor import order
from hotspot.units import pulse, steward, stuck
from hotspot.units.steward import AP, DHCP, HOTSPOT, PREPARE, Steward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEADLINE = 30.0
# Writes down its words, and fails where a file says so.
SYSTEMCTL = """
import pathlib, sys
folder, words = pathlib.Path(sys.argv[1]), " ".join(sys.argv[2:])
with (folder / "asked").open("a") as asked:
    asked.write(words + "\\n")
failing = folder / "failing"
sys.exit(failing.exists() and words in failing.read_text().splitlines())
"""
UP = ["start vestibule-hotspot.target", "is-active --quiet vestibule-ap.service"]
DOWN = [f"stop {HOTSPOT} {PREPARE}"]


class Scene:
    """A steward over a systemd that only writes down; `wrong` is what the kernel would say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wrong = ""
        (folder / "dnsmasq.conf").write_text(
            "interface=wlan0\ndhcp-option=option:router,100.64.64.1\n"
        )
        house = House(linger=0, return_after=300, kept=False)
        self.household = Household(house, str(folder), "")
        self.steward = Steward(
            self.household,
            str(folder),
            config=str(folder / "config.toml"),
            systemctl=(sys.executable, "-c", SYSTEMCTL, str(folder)),
            fault=lambda _interface, _address: self.wrong,
        )
        self.bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.bell.bind(str(folder / household.SOCKET))
        self.steward.sockets["house"] = self.bell

    @property
    def asked(self) -> list[str]:
        """What systemd was asked, in order."""
        file = self.folder / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def fails(self, *requests: str) -> None:
        """From now on these requests fail, and only these."""
        (self.folder / "failing").write_text("\n".join(requests))

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop turn until something is so."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, self.asked
            self.steward.loop.turn(time.monotonic() + 0.05)
            while self.steward._asked:
                self.steward._asked.pop(0)()

    def close(self) -> None:
        self.steward._stations.close()
        self.steward.loop.close()
        self.bell.close()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A scene in which nothing is waited for longer than it has to be."""
    monkeypatch.setattr(steward, "_SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(steward, "_PLUGGED_SECONDS", 0.0)
    monkeypatch.setattr(steward, "_AGAIN", 0.05)
    monkeypatch.setattr(stuck, "is_stopped", lambda _unit: False)
    monkeypatch.setattr(stuck, "waits", lambda: False)
    made = Scene(tmp_path)
    yield made
    made.close()


def test_up_and_down(scene: Scene) -> None:
    """The access point's target is started, looked at, and stopped with what restores."""
    assert scene.steward.ascend()
    assert scene.asked == UP
    assert scene.household.interface == "wlan0"
    scene.steward.descend()
    assert scene.asked == [*UP, *DOWN]


def test_it_did_not_come_up(scene: Scene) -> None:
    """What came up is put back, so that nothing is held, and after a while it is tried again."""
    scene.fails(UP[1])
    assert scene.steward.ascend()
    assert scene.asked == [*UP, *DOWN]
    scene.until(lambda: len(scene.asked) >= len([*UP, *DOWN, *UP]))
    assert scene.asked[: len([*UP, *DOWN, *UP])] == [*UP, *DOWN, *UP]


def test_other_settings(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """When they are newer than what was made of them, systemd reads its units again first."""
    made, settings = scene.folder / "made", scene.folder / "config.toml"
    monkeypatch.setattr(steward, "_GENERATED", str(made))
    settings.touch()
    made.touch()
    os.utime(settings, (100, 100))
    scene.steward.ascend()
    assert scene.asked == UP
    os.utime(made, (99, 99))
    scene.steward.ascend()
    assert scene.asked == [*UP, "daemon-reload", *UP]


def test_an_adapter_comes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried at once, without waiting for the time to be up."""
    monkeypatch.setattr(pulse, "radios", frozenset)
    scene.steward._again = 3_600.0
    scene.fails(UP[1])
    scene.steward.ascend()
    scene.steward._rung()
    scene.fails()
    monkeypatch.setattr(pulse, "radios", lambda: frozenset({"wlan0"}))
    scene.steward._rung()
    scene.until(lambda: scene.asked == [*UP, *DOWN, *UP])


def test_not_any_more(scene: Scene) -> None:
    """An access point that is not wanted any more is not waited for."""
    scene.fails(UP[1])
    scene.steward.ascend()
    scene.steward.descend()
    before = scene.asked
    scene.steward._try_again()
    assert scene.asked == before


@pytest.mark.parametrize(
    ("fails", "status"), [((), 0), (("start vestibule-errand@look.service",), 1)]
)
def test_an_errand(scene: Scene, monkeypatch: pytest.MonkeyPatch, fails: Any, status: int) -> None:
    """It is a unit of its own; the house is told by its exit status how it ended."""
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(scene.household, "ended", lambda name, how: told.append((name, how)))
    scene.fails(*fails)
    scene.steward.start(order.LOOK)
    scene.steward.start(order.LOOK)
    scene.until(lambda: bool(told))
    assert told == [("look", status)]
    assert scene.asked == ["start vestibule-errand@look.service"]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("radio", "stop vestibule-radio.service"),
        ("hostapd", f"restart {AP}"),
        ("beside", "stop vestibule-errand@beside.service"),
    ],
)
def test_what_is_ended(scene: Scene, name: str, request_: str) -> None:
    """Programs by their units; hostapd comes back, as it does in the foreground."""
    scene.steward.end(name)
    assert scene.asked == [request_]


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [
        (pulse.HOMELESS, [f"reload {PREPARE}"]),
        (pulse.DOWN, [f"restart {AP}", f"reload {PREPARE}"]),
        (pulse.GONE, [f"reload {PREPARE}", f"restart {AP}"]),
    ],
)
def test_dead(scene: Scene, monkeypatch: pytest.MonkeyPatch, wrong: str, mended: list[str]) -> None:
    """An address is given back under hostapd; a link or an interface needs hostapd anew. Who
    answers there is left alone.
    """
    scene.steward.ascend()
    systemd = scene.steward._systemd

    def mends(*words: str) -> int:
        status = systemd(*words)
        scene.wrong = ""
        return status

    monkeypatch.setattr(scene.steward, "_systemd", mends)
    scene.wrong = wrong
    scene.steward._rung()
    scene.until(lambda: len(scene.asked) >= len([*UP, *mended]))
    assert scene.asked == [*UP, *mended]


def test_what_cannot_be_mended_begins_anew(scene: Scene) -> None:
    """When `prepare` cannot put it right, all goes down and comes up."""
    scene.steward.ascend()
    scene.fails(f"reload {PREPARE}")
    scene.wrong = pulse.HOMELESS
    scene.steward._mend()
    assert scene.asked == [*UP, f"reload {PREPARE}", *DOWN, *UP]


def test_a_dongle_that_is_pulled(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The air waits for it and nothing else does: plugged in again, it is prepared again."""
    monkeypatch.setattr(pulse, "radios", frozenset)
    scene.steward.ascend()
    scene.steward._again = 3_600.0
    scene.fails(f"reload {PREPARE}")
    scene.wrong = pulse.GONE
    scene.steward._rung()
    pulled = [f"reload {PREPARE}", f"stop {AP}"]
    scene.until(lambda: scene.asked == [*UP, *pulled])
    scene.steward._beat()
    assert scene.asked == [*UP, *pulled]

    scene.fails()
    scene.wrong = ""
    monkeypatch.setattr(pulse, "radios", lambda: frozenset({"wlan0"}))
    scene.steward._rung()
    back = [f"reload {PREPARE}", f"restart {AP}"]
    scene.until(lambda: scene.asked == [*UP, *pulled, *back])


def test_a_join_makes_room(scene: Scene) -> None:
    """While a join is under way the access point may be away, and nothing is done about it."""
    scene.steward.ascend()
    scene.household.begin(scene.steward)
    household.ring(str(scene.folder), "begun")
    scene.until(lambda: scene.household.joining)
    before = scene.asked
    scene.wrong = pulse.DOWN
    scene.steward._mend()
    assert scene.asked == before


@pytest.mark.parametrize("unit", [AP, DHCP])
def test_one_that_stands_still(scene: Scene, monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    """A stopped hostapd or dnsmasq is killed; that it comes back is systemd's part."""
    scene.steward.ascend()
    monkeypatch.setattr(stuck, "is_stopped", lambda name: name == unit)
    scene.steward._beat()
    scene.until(lambda: len(scene.asked) > len(UP))
    assert scene.asked == [*UP, f"kill --signal=KILL {unit}"]


def test_a_question_that_is_not_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lies in dnsmasq's socket over three looks has it killed; one that is read in
    between does not.
    """
    scene.steward.ascend()
    lying = iter((True, True, False, True, True, True))
    monkeypatch.setattr(stuck, "waits", lambda: next(lying))
    for _ in range(5):
        scene.steward._look_at_programs()
    assert not scene.steward._asked
    scene.steward._look_at_programs()
    scene.until(lambda: len(scene.asked) > len(UP))
    assert scene.asked == [*UP, f"kill --signal=KILL {DHCP}"]


def test_a_hostapd_that_does_not_come_back(scene: Scene) -> None:
    """Where systemd starts it again and again in vain, all begins anew, and waits if it must."""
    scene.steward.ascend()
    for _ in range(8):
        scene.steward._look_at_programs()
    assert not scene.steward._asked
    scene.steward._look_at_programs()
    scene.until(lambda: scene.asked == [*UP, *DOWN, *UP])
