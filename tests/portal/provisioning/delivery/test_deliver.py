"""Delivery: every record arrives, one's failure is nobody else's."""

from __future__ import annotations

from random import Random

from hotspot.settings import Secret
from portal.provisioning.backend import Outcome, Rejected, Retry
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.life import State
from portal.provisioning.record import Record
from tests.portal.provisioning.delivery import deliverer
from tests.portal.provisioning.delivery.deliverer import Post
from tests.portal.provisioning.fakes import FakeBackend, FakeBell, a_record

post = deliverer.post


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
