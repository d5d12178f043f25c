"""Looking around again: when, how far, and never beside a join."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.joining.radio import Radio, Silent
from portal.joining.reports import Scanning
from portal.joining.rescan import HERE, LOADED, OLD, Rescan
from tests.portal.agent import DEADLINE, FakeAgent, demo_agent, fake_agent

LIST = {"event": "networks", "networks": []}


class Scene:
    """A rescan over a socket, with a clock that only moves when told to."""

    def __init__(self, path: Path) -> None:
        self.now = 1000.0
        self.busy = False
        self.log: list[str] = []
        self.rescan = Rescan(
            Radio(path), busy=lambda: self.busy, clock=lambda: self.now, log=self.log.append
        )

    def is_due(self) -> bool:
        """Whether it is time to look around."""
        return self.rescan.due

    def ends(self) -> None:
        """Wait until nothing is being listened to."""
        deadline = time.monotonic() + DEADLINE
        while self.rescan.progress is not None:
            assert time.monotonic() < deadline
            time.sleep(0.005)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """One without an agent."""
    return Scene(tmp_path / "radio.sock")


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[FakeAgent]:
    """The agent of `scene`."""
    with fake_agent(tmp_path / "radio.sock") as agent:
        yield agent


def test_how_far_it_has_got(scene: Scene, agent: FakeAgent) -> None:
    """From the first channel to the last; asked meanwhile, it is the same scan."""
    assert scene.rescan.begin()
    call = agent.next("scan")
    call.say({"event": "scanning", "done": 3, "of": 13})
    deadline = time.monotonic() + DEADLINE
    while scene.rescan.progress != Scanning(3, 13):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert scene.rescan.begin()
    assert agent.quiet()
    call.ends(LIST)
    scene.ends()


def test_not_beside_a_join(scene: Scene, agent: FakeAgent) -> None:
    """The person who has typed a password comes first."""
    scene.busy = True

    assert not scene.rescan.begin()
    assert agent.quiet()


def test_nobody_at_the_radio(scene: Scene) -> None:
    """That is told, and costs nothing more."""
    with pytest.raises(Silent):
        scene.rescan.begin()
    assert scene.rescan.progress is None


@pytest.mark.parametrize(
    "last", [{"event": "refused", "what": "a network is being joined", "field": ""}, b"nonsense"]
)
def test_a_scan_that_comes_to_nothing(
    scene: Scene, agent: FakeAgent, last: dict[str, str] | bytes
) -> None:
    """It is over all the same."""
    scene.rescan.begin()
    agent.next("scan").ends(last)
    scene.ends()

    assert scene.log


def test_of_our_own_accord(scene: Scene, agent: FakeAgent) -> None:
    """An old list, somebody here, and nobody just loading a page: then, and once a minute."""
    rescan = scene.rescan
    scene.now += OLD
    assert not scene.is_due(), "nobody is here"
    rescan.visited()
    assert not scene.is_due(), "a page is being loaded"
    scene.now += LOADED
    assert scene.is_due()
    scene.busy = True
    assert not scene.is_due()
    scene.busy = False
    rescan.look()
    assert not scene.is_due(), "it is under way"
    agent.next("scan").ends(LIST)
    scene.ends()
    scene.now += LOADED
    assert not scene.is_due(), "the list is new"
    scene.now += OLD
    assert scene.is_due()
    scene.now += HERE
    assert not scene.is_due(), "whoever was here has gone"


def test_no_agent_of_our_own_accord(scene: Scene) -> None:
    """Said once, and not tried again before its time."""
    scene.rescan.visited()
    scene.now += OLD
    scene.rescan.look()

    assert len(scene.log) == 1
    assert not scene.is_due()


def test_the_real_agent(tmp_path: Path) -> None:
    """`python -m hotspot.agent --demo` looks around and leaves its list for the page."""
    with demo_agent(tmp_path):
        scene = Scene(tmp_path / "radio.sock")
        assert scene.rescan.begin()
        scene.ends()

    assert not scene.log
    assert (tmp_path / "networks.json").exists()
