"""A portal's driver with its store, and an agent at a real socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.joining import trial
from portal.joining.driver import Joining
from portal.joining.radio import Radio
from portal.joining.trial import Ears, World
from portal.provisioning.join import Phase
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Life
from portal.provisioning.outbox import DurableOutbox
from tests.portal.agent import FakeAgent
from tests.portal.provisioning.fakes import a_record

DEADLINE = 20.0


class Device:
    """A portal's driver with its store, and an agent that comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "radio.sock"
        self.store = Store(folder / "records.db")
        self.outbox = DurableOutbox(self.store, ["keep"], folder / "deliver.sock", joins=True)
        self.told: list[str] = []
        self.settled: list[str] = []
        self.recalled: list[str] = []
        self.log: list[str] = []
        self.agent: FakeAgent | None = None
        self.begin()

    def begin(self) -> None:
        """A new portal's driver."""
        ears = Ears(
            self.told.append,
            self.settled.append,
            lambda life: self.recalled.append(life.id),
            self.log.append,
        )
        world = World(self.outbox, Radio(self.path), ears, clock=time.monotonic)
        self.joining = Joining(world)

    def submit(self) -> str:
        """A record in line: its id."""
        record = a_record()
        self.outbox.accept(record)
        self.joining.wake()
        return record.id

    def life(self, id_: str) -> Life:
        """What the store says."""
        life = self.outbox.state(id_)
        assert life is not None
        return life

    def phase(self, id_: str) -> Phase:
        """Where its join stands."""
        join = self.life(id_).join
        assert join is not None
        return join.state

    def becomes(self, id_: str, phase: Phase) -> Life:
        """Wait until its join stands there."""
        until(lambda: self.phase(id_) is phase)
        return self.life(id_)


def until(so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + DEADLINE
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause of a second is shorter here."""
    monkeypatch.setattr(trial, "PAUSE", 0.02)
    monkeypatch.setattr("portal.joining.driver.PAUSE", 0.02)
    monkeypatch.setattr("portal.joining.driver.BUSY_PAUSE", 0.02)
    monkeypatch.setattr(trial, "COMING_BACK", 0.5)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    """One with an agent."""
    device = Device(tmp_path)
    device.agent = FakeAgent(device.path)
    yield device
    device.agent.close()
    device.joining.stop()
    device.store.close()


@pytest.fixture
def agent(device: Device) -> FakeAgent:
    """Its agent."""
    assert device.agent is not None
    return device.agent
