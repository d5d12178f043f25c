"""A store, a clock, and the lives of delivery's processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.provisioning.backend import Backend
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from portal.provisioning.record import Record
from tests.portal.provisioning.fakes import FakeBell, FakeClock, a_record


class Post:
    """A store, a clock and what delivery said; `run` is a delivery process's life."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.bell = FakeBell(self.clock)
        self.store = Store(path, clock=self.clock)
        self.said: list[str] = []

    def accept(self, *names: str, **given: str) -> Record:
        record = a_record(**given)  # type: ignore[arg-type]
        self.store.accept(record, names or ["keep"])
        return record

    def run(self, bell: FakeBell | None = None, **backends: Backend) -> None:
        delivery = Delivery(self.store, backends, random=lambda: 0.0, log=self.said.append)
        delivery.run(bell or self.bell)

    def state(self, record: Record, name: str = "keep") -> State:
        life = self.store.state(record.id)
        assert life is not None
        return {each.name: each.state for each in life.deliveries}[name]

    def reason(self, record: Record) -> str:
        life = self.store.state(record.id)
        assert life is not None
        return life.deliveries[0].reason or ""


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """An empty store and a still clock."""
    post = Post(tmp_path / "records.db")
    yield post
    post.store.close()
