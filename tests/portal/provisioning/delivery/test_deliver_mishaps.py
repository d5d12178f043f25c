"""Delivery when processes are killed, rivals run, files are damaged, disks fail: made good."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portal.provisioning.backend import Retry
from portal.provisioning.delivery.deliver import Busy, locked
from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import State
from portal.provisioning.record import Record
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.delivery import deliverer
from tests.portal.provisioning.delivery.deliverer import Post
from tests.portal.provisioning.fakes import FakeBackend, FakeBell

post = deliverer.post


class Killed(BaseException):
    """The process ends here, as by kill -9."""


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


def test_the_lock(tmp_path: Path) -> None:
    """A second delivery is refused while the first runs, and not after."""
    path = tmp_path / "deliver.lock"
    with locked(path), pytest.raises(Busy, match="held by another delivery"), locked(path):
        pass
    with locked(path):
        assert path.stat().st_mode & 0o777 == 0o600
