"""Lanes: deliveries side by side, each in its own order, none in another's way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.provisioning.backend import Backend, Outcome, Retry
from portal.provisioning.delivery import lanes
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.delivery.doorbell import Doorbell
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from portal.provisioning.record import Record
from tests.portal.provisioning.fakes import FakeBackend, a_record

DEADLINE = 30


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store(tmp_path / "records.db") as store:
        yield store


def unheard(line: str) -> None:
    """Nobody reads the log."""


def run(store: Store, said: list[str] | None = None, **backends: Backend) -> None:
    """What `deliver` does: every backend in a lane, until nothing is pending."""
    log = (said if said is not None else []).append
    with Doorbell(None) as bell:
        lanes.run(
            [
                Delivery(store, {name: each}, random=lambda: 0.0, log=log, others=backends)
                for name, each in backends.items()
            ],
            bell,
        )


def states(store: Store, record: Record) -> dict[str, State]:
    """What became of each delivery."""
    life = store.state(record.id)
    assert life is not None
    return {each.name: each.state for each in life.deliveries}


class Gated(FakeBackend):
    """Answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = threading.Event(), threading.Event()

    def apply(self, record: Record) -> Outcome:
        self.asked.set()
        assert self.may.wait(DEADLINE)
        return super().apply(record)


class Telling(FakeBackend):
    """Does something after so many records."""

    def __init__(self, count: int, do: Callable[[], None]) -> None:
        super().__init__()
        self._count, self._do = count, do

    def apply(self, record: Record) -> Outcome:
        outcome = super().apply(record)
        if len(self.calls) == self._count:
            self._do()
        return outcome


def test_a_slow_one_holds_up_nobody(store: Store) -> None:
    """While one backend has not answered its first record, the other has them all, in order."""
    records = [a_record() for _ in range(20)]
    for record in records:
        store.accept(record, ["slow", "quick"])
    slow = Gated()
    quick = Telling(len(records), slow.may.set)
    run(store, slow=slow, quick=quick)

    ids = [record.id for record in records]
    assert (slow.calls, quick.calls) == (ids, ids)
    assert all(set(states(store, r).values()) == {State.DELIVERED} for r in records)


def test_each_has_a_state_of_its_own(store: Store) -> None:
    """One delivery's refusal is not another's, and each retries on its own."""
    record = a_record()
    store.accept(record, ["one", "two", "three"])
    one, three = FakeBackend(Retry(None, "away")), FakeBackend(ValueError("bug"))
    run(store, one=one, two=FakeBackend(), three=three)

    assert set(states(store, record).values()) == {State.DELIVERED}
    assert (len(one.calls), len(three.calls)) == (2, 2)


def test_stop_ends_what_is_under_way(store: Store) -> None:
    """Told to stop in the middle, every lane keeps its answer and begins nothing more."""
    first, second = a_record(), a_record()
    for record in (first, second):
        store.accept(record, ["slow", "away"])
    slow = Gated()

    class Stopping(FakeBackend):
        def apply(self, record: Record) -> Outcome:
            assert slow.asked.wait(DEADLINE)
            signal.raise_signal(signal.SIGTERM)
            threading.Timer(0.2, slow.may.set).start()
            return super().apply(record)

    run(store, slow=slow, away=Stopping(Retry(3_000, "away")))

    assert states(store, first) == {"slow": State.DELIVERED, "away": State.WAITING}
    assert slow.calls == [first.id]


def test_one_that_never_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that hangs is left behind; its attempt is made good at the next start."""
    monkeypatch.setattr(lanes, "PATIENCE", 0.2)
    record = a_record()
    store.accept(record, ["hung", "keep"])
    hung = Gated()

    class Stopping(FakeBackend):
        def apply(self, record: Record) -> Outcome:
            assert hung.asked.wait(DEADLINE)
            signal.raise_signal(signal.SIGTERM)
            return super().apply(record)

    run(store, hung=hung, keep=Stopping())
    assert states(store, record) == {"hung": State.DELIVERING, "keep": State.DELIVERED}

    after = FakeBackend()
    run(store, hung=after, keep=FakeBackend())
    assert states(store, record)["hung"] is State.DELIVERED
    hung.may.set()


def test_trouble_in_one_lane_leaves_the_others_attempts(store: Store) -> None:
    """A lane that starts over ends only its own attempts, not one that another is making."""
    record = a_record()
    store.accept(record, ["slow", "keep"])
    slow = Gated()
    seen: list[dict[str, State]] = []

    def look() -> None:
        delivery = Delivery(store, {"keep": keep}, random=lambda: 0.0, log=unheard)
        assert slow.asked.wait(DEADLINE)
        delivery.recover()
        seen.append(states(store, record))
        slow.may.set()

    keep = Telling(1, look)
    run(store, slow=slow, keep=keep)

    assert seen[0]["slow"] is State.DELIVERING
    assert set(states(store, record).values()) == {State.DELIVERED}
    assert len(slow.calls) == 1


def test_a_bug_of_ours_ends_the_process(store: Store) -> None:
    """What no lane can handle reaches the main thread."""

    class Broken(BaseException):
        pass

    store.accept(a_record(), ["one", "two"])
    with pytest.raises(Broken):
        run(store, one=FakeBackend(Broken()), two=FakeBackend())


def test_new_records_while_it_runs(store: Store) -> None:
    """A lane that had nothing more to do is woken by a ring; of strays is told once."""
    late, first = a_record(), a_record()
    store.accept(first, ["slow", "keep"])
    store.accept(a_record(), ["gone"])
    had_first, had_late = threading.Event(), threading.Event()
    said: list[str] = []
    with Doorbell(None) as bell:
        bell.longest = float("inf")  # as with a bell: nobody looks again unasked

        class Ringing(FakeBackend):
            """Has its record when the other lane has a later one."""

            def apply(self, record: Record) -> Outcome:
                assert had_first.wait(DEADLINE)
                store.accept(late, ["keep"])
                bell._network_rang = True
                bell.nudge()
                assert had_late.wait(DEADLINE)
                return super().apply(record)

        class Keep(FakeBackend):
            def apply(self, record: Record) -> Outcome:
                (had_first if record.id == first.id else had_late).set()
                return super().apply(record)

        deliveries = [
            Delivery(store, {"slow": Ringing()}, random=lambda: 0.0, log=said.append,
                     others=("keep",)),
            Delivery(store, {"keep": Keep()}, random=lambda: 0.0, log=said.append, others=None),
        ]  # fmt: skip
        lanes.run(deliveries, bell)

    assert states(store, late) == {"keep": State.DELIVERED}
    strays = [line for line in said if "not in the settings" in line]
    assert strays == ['1 records wait for the delivery "gone", which is not in the settings']


def test_hastened(store: Store) -> None:
    """What waits is due at once when there is a way out; what is done stays done."""
    first, second = a_record(), a_record()
    store.accept(first, ["fleet"])
    backend = FakeBackend(Retry(3_000, "away"))
    delivery = Delivery(store, {"fleet": backend}, random=lambda: 0.0, log=unheard)
    delivery.turn()
    store.accept(second, ["fleet"])
    delivery.turn()
    assert (store.soonest(["fleet"]) or 0) > 2_900
    store.hasten(["other"])
    assert (store.soonest(["fleet"]) or 0) > 2_900
    store.hasten(["fleet"])

    assert store.soonest(["fleet"]) == 0
    assert delivery.turn()
    assert (states(store, first), states(store, second)) == (
        {"fleet": State.DELIVERED}, {"fleet": State.DELIVERED},
    )  # fmt: skip
