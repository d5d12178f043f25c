"""Delivery: every record arrives, one's failure is nobody else's, crashes are made good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from hotspot.settings import Secret
from portal.provisioning.backend import Backend, Outcome, Rejected, Retry
from portal.provisioning.delivery.deliver import Busy, Delivery, locked
from portal.provisioning.keeping.store import Store, Unwritable
from portal.provisioning.life import State
from portal.provisioning.record import Record
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.fakes import FakeBackend, FakeBell, FakeClock, a_record


class Killed(BaseException):
    """The process ends here, as by kill -9."""


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


def test_all_that_is_pending_in_order(post: Post) -> None:
    """Records arrive in the order they were accepted, and then delivery ends."""
    records = [post.accept() for _ in range(5)]
    backend = FakeBackend()
    post.run(keep=backend)

    assert backend.calls == [record.id for record in records]
    assert backend.effects == {record.id: record for record in records}
    assert post.bell.waits == []


def test_nothing_pending(post: Post) -> None:
    """With nothing to do it ends at once."""
    post.run(keep=FakeBackend())

    assert (post.bell.waits, post.said) == ([], [])


def test_retried_until_taken(post: Post) -> None:
    """A backend that is away is asked again, less and less often, with the same id."""
    record = post.accept()
    backend = FakeBackend(*[Retry(None, "away")] * 4)
    post.run(keep=backend)

    assert backend.calls == [record.id] * 5
    assert post.bell.waits == [1, 2, 4, 8]
    assert post.state(record) is State.DELIVERED


def test_a_backend_may_ask_for_time(post: Post) -> None:
    """Its Retry-After is kept where it is longer than ours."""
    post.accept()
    post.run(keep=FakeBackend(Retry(300, "maintenance"), Retry(0.1, "soon")))

    assert post.bell.waits == [300, 2]


def test_one_failure_does_not_block_the_others(post: Post) -> None:
    """While one record waits, those after it arrive."""
    first, *others = (post.accept() for _ in range(4))
    backend = FakeBackend(Retry(60, "not this one"))
    post.run(keep=backend)

    assert backend.calls == [first.id, *(record.id for record in others), first.id]


def test_a_shut_way_keeps_the_order(post: Post) -> None:
    """A day without the backend: one attempt at a time, the oldest record's; then all in order,
    those of that day too, and each once.
    """
    records = [post.accept() for _ in range(200)]
    away_until = post.clock.monotonic + 86_400
    chance = Random(5)

    class Away(FakeBackend):
        def apply(self, record: Record) -> Outcome:
            if post.clock.monotonic < away_until:
                self.calls.append(record.id)
                if len(self.calls) % 7 == 0:
                    records.append(post.accept())
                return Retry(None, "no connection", whole=True)
            return super().apply(record)

    backend = Away()
    delivery = Delivery(post.store, {"keep": backend}, random=chance.random, log=post.said.append)
    delivery.run(FakeBell(post.clock, most=5_000))

    assert list(backend.effects.values()) == records
    attempts = len(backend.calls) - len(records)
    assert 24 <= attempts < 60
    assert set(backend.calls[:attempts]) == {records[0].id}
    assert len(records) > 200


def test_a_shut_way_is_looked_at_when_the_bell_rings(post: Post) -> None:
    """A ring in the middle of the wait tries it at once, with the oldest record."""
    first, second = post.accept(), post.accept()

    class Ringing(FakeBell):
        def wait(self, seconds: float) -> None:
            self.waits.append(seconds)

    bell = Ringing(post.clock)
    backend = FakeBackend(*[Retry(3_000, "maintenance", whole=True)] * 2)
    post.run(bell, keep=backend)

    assert bell.waits == [3_000, 3_000]
    assert backend.calls == [first.id] * 3 + [second.id]


def test_the_way_opens_for_all(post: Post) -> None:
    """What is about one record again after an outage, delays that one alone."""
    first, second = post.accept(), post.accept()
    backend = FakeBackend(Retry(None, "shut", whole=True), Retry(60, "not this one"))
    post.run(keep=backend)

    assert backend.calls == [first.id, first.id, second.id, first.id]
    assert post.bell.waits == [1, 60]


def test_not_all_at_once(post: Post) -> None:
    """Between two attempts there is the gap of the settings."""
    for _ in range(3):
        post.accept()
    delivery = Delivery(
        post.store, {"keep": FakeBackend()}, random=lambda: 0.0, log=post.said.append, gap=0.2
    )
    delivery.run(post.bell)

    assert post.bell.waits == [0.2] * 3


def test_rejected_is_final(post: Post) -> None:
    """A record its backend will never take is not offered again, and says why."""
    record = post.accept()
    backend = FakeBackend(Rejected("no such site"))
    post.run(keep=backend)
    post.run(keep=backend)

    assert backend.calls == [record.id]
    assert (post.state(record), post.reason(record)) == (State.REJECTED, "no such site")


def test_a_backends_bug_is_a_reason_to_retry(post: Post) -> None:
    """What it raises is told by kind and place, never in its own words: they may quote secrets."""
    record = post.accept()
    backend = FakeBackend(ValueError(f"bad key {record.passphrase}"), "nonsense")
    post.run(FakeBell(post.clock, most=1), keep=backend)

    assert post.reason(record).startswith("the backend failed with ValueError at fakes.py:")
    post.run(FakeBell(post.clock, most=1), keep=backend)
    assert post.reason(record) == "the backend answered str"
    post.run(keep=backend)
    assert post.state(record) is State.DELIVERED


def test_secrets_are_kept_out_of_reasons(post: Post) -> None:
    """A backend that quotes a password in its reason does not put it into store or log."""
    record = a_record(passphrase="canary-5b21", fields={"pin": Secret("canary-77")})
    post.store.accept(record, ["keep"])
    why = "refused canary-5b21 with canary-77"
    post.run(keep=FakeBackend(Retry(None, why), Rejected(why)))

    assert post.reason(record) == "refused (hidden) with (hidden)"
    assert "canary" not in "".join(post.said)
    assert not [s for s in post.store.steps(record.id) if "canary" in (s.reason or "")]


def test_several_backends_each_for_itself(post: Post) -> None:
    """One that is away does not hold up the other, and neither gets a record twice."""
    records = [post.accept("fleet", "keep") for _ in range(3)]
    fleet, keep = FakeBackend(*[Retry(None, "away")] * 3), FakeBackend()
    post.run(fleet=fleet, keep=keep)

    assert keep.calls == [record.id for record in records]
    assert fleet.calls == [record.id for record in records] * 2


def test_killed_between_apply_and_settle(post: Post) -> None:
    """The record is applied a second time, at once, under the same id."""
    record = post.accept()
    with pytest.raises(Killed):
        post.run(keep=FakeBackend(Killed()))
    assert post.state(record) is State.DELIVERING

    again = FakeBackend()
    post.run(keep=again)

    assert again.calls == [record.id]
    assert post.bell.waits == []
    assert "attempt 1 was cut short" in post.said[0]
    assert [s.event for s in post.store.steps(record.id)] == [
        "accepted", "begun", "interrupted", "begun", "delivered",
    ]  # fmt: skip


def test_a_record_that_kills_waits_its_turn(post: Post) -> None:
    """The second time it takes the process down, the others come first."""
    poison, other = post.accept(), post.accept()
    for _ in range(2):
        with pytest.raises(Killed):
            post.run(keep=FakeBackend(Killed()))
    backend = FakeBackend()
    post.run(keep=backend)

    assert backend.calls == [other.id, poison.id]


def test_two_deliverers_at_once(post: Post) -> None:
    """Without the lock, a rival in the middle of an attempt leaves a true state behind."""
    record = post.accept()

    class WithRival(FakeBackend):
        def apply(self, record: Record) -> Retry:
            post.run(keep=rival)
            super().apply(record)
            return Retry(None, "late answer")

    rival, outer = FakeBackend(), WithRival()
    post.run(keep=outer)

    assert post.state(record) is State.DELIVERED
    assert outer.effects == rival.effects
    assert len(outer.calls) == len(rival.calls) == 1


def test_what_a_rival_has_under_way_is_left_to_it(post: Post) -> None:
    """A deliverer with nothing else to do ends, instead of watching another one work."""
    post.accept()

    class Rival(FakeBackend):
        def apply(self, record: Record) -> Retry:
            names = ["keep"]
            assert (post.store.due(names), post.store.soonest(names)) == (None, None)
            return super().apply(record)  # type: ignore[return-value]

    post.run(keep=Rival())


def test_damaged_records_are_dead_not_in_the_way(post: Post) -> None:
    """A record that cannot be read is set aside, told of, and those after it arrive."""
    damaged, sound = post.accept(), post.accept()
    with closing(sqlite3.connect(post.path, isolation_level=None)) as connection:
        connection.execute("UPDATE record SET body = x'00' WHERE id = ?", (damaged.id,))
    backend = FakeBackend()
    post.run(keep=backend)

    assert backend.calls == [sound.id]
    assert post.state(damaged) is State.DEAD
    assert f"record {damaged.id} keep: dead: it cannot be read" in post.said[0]
    assert [entry.record for entry in post.store.records()] == [None, bare(sound)]


def test_a_delivery_nobody_makes_is_told_of(post: Post) -> None:
    """Records for a delivery that is no longer in the settings are kept and named."""
    record = post.accept("fleet")
    post.run(keep=FakeBackend())

    assert post.state(record, "fleet") is State.ACCEPTED
    assert post.said == ['1 records wait for the delivery "fleet", which is not in the settings']


def test_stop_ends_after_the_attempt(post: Post) -> None:
    """Told to stop in the middle of an attempt, it keeps the answer and leaves the rest."""
    first, second = post.accept(), post.accept()

    class Stopping(FakeBackend):
        def apply(self, record: Record) -> Retry:
            post.bell.stopping = True
            return super().apply(record)  # type: ignore[return-value]

    post.run(keep=Stopping())

    assert (post.state(first), post.state(second)) == (State.DELIVERED, State.ACCEPTED)


def test_a_disk_in_trouble_is_waited_for(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that cannot be written down leads to a second attempt, once the disk is well."""
    record = post.accept()
    backend = FakeBackend()
    happen, failures = post.store.happen, iter([False, True])

    def failing(*given: object, **more: object) -> bool:
        if next(failures, False):
            raise Unwritable("records.db: there is no space left on the disk")
        return happen(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(post.store, "happen", failing)
    post.run(keep=backend)

    assert post.state(record) is State.DELIVERED
    assert backend.calls == [record.id, record.id]
    assert post.bell.waits == [1]
    assert "no space left on the disk; trying again" in post.said[0]


def test_after_a_reboot_what_waited_is_tried_at_once(post: Post) -> None:
    """The monotonic time of another boot says nothing, so nobody waits for it."""
    post.accept()
    backend = FakeBackend(Retry(3_000, "away"))
    post.run(FakeBell(post.clock, most=0 + 1), keep=backend)
    post.clock.reboot()
    post.run(keep=backend)

    assert len(backend.calls) == 2


def test_a_day_without_the_backend(post: Post) -> None:
    """24 hours and some records later all are there, in order, and few attempts were made."""
    records = [post.accept() for _ in range(5)]
    away_until = post.clock.monotonic + 86_400

    class Away(FakeBackend):
        def apply(self, record: Record) -> Retry:
            if post.clock.monotonic < away_until:
                self.calls.append(record.id)
                return Retry(None, "away")
            return super().apply(record)  # type: ignore[return-value]

    backend = Away()
    post.run(FakeBell(post.clock, most=5_000), keep=backend)

    assert list(backend.effects.values()) == records
    assert len(backend.calls) < 5 * 70


def test_the_lock(tmp_path: Path) -> None:
    """A second delivery is refused while the first runs, and not after."""
    path = tmp_path / "deliver.lock"
    with locked(path), pytest.raises(Busy, match="held by another delivery"), locked(path):
        pass
    with locked(path):
        assert path.stat().st_mode & 0o777 == 0o600
