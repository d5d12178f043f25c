"""A backend away for a day, by an injected clock: then all of it, slowly, in order, once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from portal.provisioning.backend import Delivered, Retry
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import Record
from tests.portal.provisioning.fakes import FakeBell, FakeClock, a_record

DAY = 86_400.0
RECORDS = 1_000
RATE = 5
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own


class Away:
    """A backend that answers only after a day; `lies` once in so many is a lost answer."""

    def __init__(self, clock: FakeClock, lies: int) -> None:
        self._clock = clock
        self._until = clock.monotonic + DAY
        self._lies = lies
        self.tries: list[float] = []
        self.calls: list[tuple[float, str]] = []
        self.effects: dict[str, Record] = {}

    def apply(self, record: Record) -> Delivered | Retry:
        if self._clock.monotonic < self._until:
            self.tries.append(self._clock.monotonic)
            return Retry(None, "no connection", whole=True)
        self.calls.append((self._clock.monotonic, record.id))
        self.effects.setdefault(record.id, record)
        if self._lies and len(self.calls) % self._lies == 0:
            return Retry(None, "the answer was cut short", whole=True)
        return Delivered()


@pytest.mark.parametrize("lies", [0, 97])
def test_a_day_away(lies: int) -> None:
    """1,000 records: few attempts while it is away, at most five a second afterwards, each in the
    order in which it was accepted, each once in effect.
    """
    clock = FakeClock()
    backend = Away(clock, lies)
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as name,
        Store(Path(name) / "records.db", clock=clock) as store,
    ):
        records = [a_record() for _ in range(RECORDS)]
        for record in records:
            store.accept(record, ["fleet"])
        Delivery(
            store, {"fleet": backend}, random=lambda: 0.5, log=lambda _: None, gap=1 / RATE
        ).run(FakeBell(clock, most=5_000))
        states = [entry.life.state for entry in store.records()]

    assert states == ["delivered"] * RECORDS
    assert len(backend.tries) < 60
    assert list(backend.effects.values()) == records
    assert len(backend.calls) == RECORDS + (len(backend.calls) // lies if lies else 0)
    times = [at for at, _ in backend.calls]
    for first, later in zip(times, times[RATE:], strict=False):
        assert later - first >= 1 - 1e-6
