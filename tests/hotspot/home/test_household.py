"""The house's ears and hands: what is rung, what ends, what is done about it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from hotspot.home import button, homewatch, household
from hotspot.home.house import House
from hotspot.home.household import Household, ring
from hotspot.supervisor import sockets
from hotspot.supervisor.loop import Loop
from hotspot.uplink import interface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hotspot.supervisor.order import Step
    from hotspot.supervisor.supervise import Supervisor

DEADLINE = 20.0


class FakeSupervisor:
    """A supervisor that writes down what it is asked; `comes_up` is how its next ascent goes."""

    def __init__(self, runtime: Path) -> None:
        self.loop = Loop()
        self.sockets = {"house": sockets.doorbell(f"{runtime}/{household.SOCKET}")}
        self.done: list[str] = []
        self.comes_up = True

    def ask(self, act: Callable[[], None]) -> None:
        act()

    def ascend(self) -> bool:
        self.done.append("ascend")
        return self.comes_up

    def descend(self) -> None:
        self.done.append("descend")

    def start(self, step: Step) -> None:
        self.done.append(step.name)

    def end(self, name: str) -> None:
        self.done.append(f"end {name}")


class Scene:
    """A household over a supervisor that only listens; `home` is what the kernel would say."""

    def __init__(self, runtime: Path, supervisor: FakeSupervisor, *, kept: bool) -> None:
        self.runtime = runtime
        self.supervisor = supervisor
        house = House(linger=0, return_after=300, kept=kept)
        self.household = Household(house, str(runtime), "wlan0")

    def begin(self) -> None:
        fake: Supervisor = self.supervisor  # type: ignore[assignment] # what a household needs
        self.household.begin(fake)

    def rings(self, word: str) -> None:
        ring(str(self.runtime), word)
        self.supervisor.loop.turn(time.monotonic() + DEADLINE)

    @property
    def place(self) -> str:
        return (self.runtime / household.FILE).read_text()


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[FakeSupervisor]:
    """One whose sockets are closed at the end."""
    made = FakeSupervisor(tmp_path)
    yield made
    made.loop.close()
    for held in made.sockets.values():
        held.close()


@pytest.fixture
def scene(
    tmp_path: Path, supervisor: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    """A run without a home network of before; the kernel sees none either."""
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: False)
    made = Scene(tmp_path, supervisor, kept=False)
    made.begin()
    yield made
    made.household._watch.end()


def due(scene: Scene) -> None:
    """Until the time is up that the house waits for, now instead of then."""
    _, act = scene.supervisor.loop._timers.pop("house")
    act()


def test_stations_are_counted_for_others(scene: Scene) -> None:
    """In a file that everybody may read; off the air there are none."""
    file = scene.runtime / household.STATIONS
    scene.household.counted(2, silent=False)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("2", 0o644)
    scene.household.counted(2, silent=True)
    assert file.read_text() == "0"


def test_a_join_that_is_kept(scene: Scene) -> None:
    """Rung by the agent: the page lingers, then the air is left, and the way home begins."""
    assert scene.place == "serving"
    scene.rings("begun")
    scene.rings("kept")
    assert scene.place == "lingering"
    due(scene)

    assert scene.supervisor.done == ["end beside", "descend", "settle"]
    assert scene.place == "away"


def test_home_and_gone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """At home it watches; when the network goes for too long, the access point comes up."""
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: True)
    scene.rings("kept")
    due(scene)
    scene.household.ended("settle", 0)
    assert scene.place == "home"

    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: False)
    scene.household._watch._look()
    assert scene.place == "away"
    due(scene)
    assert scene.supervisor.done[-2:] == ["end settle", "ascend"]
    assert not scene.household._watch.watching


def test_gone_before_it_was_looked_at(scene: Scene) -> None:
    """A network that was lost between two looks is missed at once, not at the next news."""
    scene.rings("kept")
    due(scene)
    scene.household.ended("settle", 0)

    assert scene.place == "away"
    assert "house" in scene.supervisor.loop._timers


def test_not_home(scene: Scene) -> None:
    """The access point is back, and the agent forgets what it believed of the last join."""
    scene.rings("kept")
    due(scene)
    scene.household.ended("settle", 1)

    assert scene.supervisor.done[2:] == ["end radio", "end settle", "ascend"]


def test_looking_while_away(scene: Scene) -> None:
    """Nobody is on: a look; heard: home. The exit status of each errand says how it went."""
    test_not_home(scene)
    scene.supervisor.done.clear()
    scene.household.counted(1, silent=False)
    due(scene)
    assert scene.supervisor.done == []
    scene.household.counted(0, silent=False)
    due(scene)
    scene.household.ended("look", 1)
    due(scene)
    scene.household.ended("look", 0)

    assert scene.supervisor.done == ["look", "look", "descend", "settle"]


def test_an_access_point_that_does_not_come_up(scene: Scene) -> None:
    """It is tried again, and the house does not believe to be on the air meanwhile."""
    scene.supervisor.comes_up = False
    test_not_home(scene)
    scene.supervisor.comes_up = True
    due(scene)

    assert scene.supervisor.done[-1] == "ascend"


def test_an_agent_that_died_in_silence(scene: Scene) -> None:
    """It had taken the access point off the air: hostapd is ended, and so started anew."""
    scene.rings("begun")
    scene.supervisor.done.clear()
    scene.household.counted(0, silent=True)
    scene.household.ended("radio", -9)
    assert scene.supervisor.done == ["end hostapd"]

    scene.household.counted(0, silent=False)
    scene.household.ended("radio", -9)
    scene.household.ended("hostapd", 1)
    assert scene.supervisor.done == ["end hostapd"]


def test_a_start_with_a_home_network(
    tmp_path: Path, supervisor: FakeSupervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    """What an earlier run has left is put back, then the machine goes home, and it says so."""
    scene = Scene(tmp_path, supervisor, kept=True)
    assert scene.household.away
    # The supervisor's own sources may say something before it has begun.
    scene.household.counted(0, silent=False)
    scene.begin()

    assert supervisor.done == ["descend", "settle"]
    assert "to the home network first" in capfd.readouterr().err


def test_beside_for_ever(tmp_path: Path, supervisor: FakeSupervisor) -> None:
    """The station is joined by an errand and watched, and the access point stays."""
    fake: Supervisor = supervisor  # type: ignore[assignment] # what a household needs
    one = Household(House(linger=None, return_after=300, kept=True), str(tmp_path), "wlan0")
    assert not one.away
    one.begin(fake)
    assert supervisor.done == ["beside"]
    assert one._watch.watching
    one.ended("beside", 0)
    one.ended("beside", 1)
    assert "house" in supervisor.loop._timers

    assert supervisor.done == ["beside"]
    assert (tmp_path / household.FILE).read_text() == "lingering"
    one._watch.end()


def test_the_station_beside_is_the_one_that_is_made() -> None:
    """The lean process has its name by heart; here is where the two are held together."""
    assert household.BESIDE == interface.NAME


def test_what_is_no_word_is_nothing(scene: Scene) -> None:
    """Only the agent's words are heard, however the datagram came here."""
    for word in ("due", "settled", "", "x" * 5000, "\x00"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            bell.sendto(word.encode(), f"{scene.runtime}/{household.SOCKET}")
    scene.rings("ended")

    assert scene.supervisor.done == []
    assert scene.place == "serving"


def test_ringing_where_nobody_listens(tmp_path: Path) -> None:
    """The demo has no house; the agent that rings does not notice."""
    ring(str(tmp_path), "kept")


def test_nobody_comes(
    tmp_path: Path, supervisor: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is up: off the air; rung for, on it again."""
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: False)
    scene = Scene(tmp_path, supervisor, kept=False)
    house = House(linger=60, return_after=300, kept=False, idle_off=900)
    scene.household = Household(house, str(tmp_path), "wlan0")
    scene.begin()
    _, act = supervisor.loop._timers.pop("idle")
    act()
    assert (supervisor.done, scene.place) == (["descend"], "resting")

    scene.rings("called")
    assert supervisor.done == ["descend", "end settle", "ascend"]
    assert scene.place == "serving"
    assert "idle" in supervisor.loop._timers

    scene.household.counted(1, silent=False)
    assert "idle" not in supervisor.loop._timers


def test_the_button(
    tmp_path: Path, supervisor: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A press is a call."""
    pressed: list[Callable[[], None]] = []
    monkeypatch.setattr(
        button, "watch", lambda _loop, name, act: pressed.append(act) if name == "GPIO17" else None
    )
    scene = Scene(tmp_path, supervisor, kept=False)
    house = House(linger=60, return_after=300, kept=False, start="button")
    scene.household = Household(house, str(tmp_path), "wlan0", "GPIO17")
    scene.begin()
    assert scene.place == "resting"

    pressed[0]()
    assert supervisor.done == ["descend", "end settle", "ascend"]


def test_nobody_listens(tmp_path: Path) -> None:
    """Who asks is told; who only rings is not kept up."""
    with pytest.raises(OSError, match="No such file"):
        household.tell(str(tmp_path), "called")
    ring(str(tmp_path), "called")
