"""What an operator decides afterwards: offered once more, or forgotten, and nothing by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.provisioning.backend import Delivered, Rejected
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.join import Turn
from portal.provisioning.keeping import amending
from portal.provisioning.keeping.store import Full, Limits, Store
from portal.provisioning.life import Event, State
from portal.provisioning.record import Record
from tests.portal.provisioning.fakes import FakeBackend, FakeBell, FakeClock, a_record
from tests.torture.canary import forms

CANARY = "Kanarie-41c07be2"


def deliver(store: Store, clock: FakeClock, **backends: FakeBackend) -> None:
    """Let everything that is due be tried."""
    Delivery(store, backends, random=lambda: 0.5, log=lambda _: None).run(FakeBell(clock))


def retry(store: Store, id_: str, name: str = "") -> list[str]:
    """Offer a record once more; to whom."""
    return store.amend(lambda connection, at: amending.retry(connection, id_, at, name))


def forget(store: Store, id_: str) -> str | None:
    """Forget a record; why not."""
    return store.amend(lambda connection, _: amending.forget(connection, id_))


def test_offered_once_more(tmp_path: Path) -> None:
    """A rejected record is due at once, alone; the attempts go on, under the same id."""
    clock, record, other = FakeClock(), a_record(), a_record()
    fleet = FakeBackend(Rejected("no such site"))
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(record, ["fleet"])
        store.accept(other, ["fleet"])
        deliver(store, clock, fleet=fleet)
        assert (retry(store, record.id), retry(store, other.id)) == (["fleet"], [])
        deliver(store, clock, fleet=fleet)
        steps, life = store.steps(record.id), store.state(record.id)

    assert fleet.calls == [record.id, other.id, record.id]
    assert life is not None
    assert (life.state, life.deliveries[0].attempts) == (State.DELIVERED, 2)
    assert [step.event for step in steps] == [
        Event.ACCEPTED, Event.BEGUN, Event.REJECTED, Event.RETRIED, Event.BEGUN, Event.DELIVERED,
    ]  # fmt: skip


def test_offered_to_one(tmp_path: Path) -> None:
    """With a name, only that delivery is offered it; what it already has stays as it is."""
    clock, record = FakeClock(), a_record()
    backends = {name: FakeBackend(Rejected("never"), Rejected("never")) for name in ("one", "two")}
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(record, ["one", "two", "three"])
        deliver(store, clock, three=FakeBackend(Delivered()), **backends)
        assert retry(store, record.id, "two") == ["two"]
        assert retry(store, record.id, "three") == []
        assert store.amend(lambda c, _: amending.refused(c)) == [record.id]
        assert store.amend(lambda c, _: amending.refused(c, "two")) == []
        assert retry(store, record.id) == ["one"]


def test_a_deliverer_at_work_meets_it(tmp_path: Path) -> None:
    """An answer that comes while it is offered again, or after it was forgotten, does no harm."""
    clock, record = FakeClock(), a_record()
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(record, ["fleet"])
        task = store.due(["fleet"])
        assert task is not None
        store.happen(task, Event.BEGUN)
        store.happen(task, Event.REJECTED, reason="never")
        retry(store, record.id)
        assert store.happen(task, Event.DELIVERED)
        assert forget(store, record.id) is None
        assert not store.happen(task, Event.REJECTED)
        assert store.state(record.id) is None


@pytest.mark.parametrize("state", ["accepted", "delivering", "waiting"])
def test_what_may_still_arrive_is_never_forgotten(tmp_path: Path, state: str) -> None:
    """One delivery is still to come: all of the record stays, whoever asks."""
    with Store(tmp_path / "records.db") as store:
        store.accept(record := a_record(), ["keep", "fleet"])
        events = {"accepted": 0, "delivering": 1, "waiting": 2}[state]
        for name, ends in (("keep", Event.REJECTED), ("fleet", Event.DEFERRED)):
            task = store.due([name])
            assert task is not None
            for event in (Event.BEGUN, ends)[: 2 if name == "keep" else events]:
                store.happen(task, event, delay=9.0 if event is Event.DEFERRED else None)

        assert forget(store, record.id) == 'its delivery "fleet" is still to come'
        assert store.record(record.id) == record


@pytest.mark.parametrize("last", [None, Turn.BEGUN, Turn.INTERRUPTED, Turn.FAILED])
def test_an_attempt_is_forgotten_once_it_is_over(tmp_path: Path, last: Turn | None) -> None:
    """One in line or under way stays; one that failed, or whose end nobody saw, may go."""
    with Store(tmp_path / "records.db") as store:
        store.accept(record := a_record(), ["keep"], joins=True)
        for turn in filter(None, (last and Turn.BEGUN, last)):
            store.turn(record.id, turn)
        over = last in {Turn.INTERRUPTED, Turn.FAILED}

        assert forget(store, record.id) == (None if over else "its network is still to be joined")
        assert (store.state(record.id) is None) is over


def test_nothing_of_it_is_left(tmp_path: Path) -> None:
    """Its password was in the store while it was rejected, and is in no byte of it afterwards."""
    clock, record = FakeClock(), a_record(passphrase=CANARY, fields={"room": CANARY})
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(record, ["fleet"])
        deliver(store, clock, fleet=FakeBackend(Rejected("never")))
        assert _found(tmp_path)
        assert forget(store, record.id) is None
        assert not _found(tmp_path)
        assert forget(store, record.id) == amending.UNKNOWN


def _found(folder: Path) -> bool:
    octets = b"".join(path.read_bytes() for path in folder.iterdir())
    return any(form in octets for form in forms(CANARY).values())


def test_a_store_full_of_rejected_ones(tmp_path: Path) -> None:
    """It refuses new records until an operator has let go of some."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock, limits=Limits(records=3)) as store:
        records: list[Record] = [a_record() for _ in range(3)]
        for record in records:
            store.accept(record, ["fleet"])
        deliver(store, clock, fleet=FakeBackend(*[Rejected("never")] * 3))
        with pytest.raises(Full):
            store.accept(a_record(), ["fleet"])
        assert forget(store, records[1].id) is None
        store.accept(new := a_record(), ["fleet"])

        assert [each.life.id for each in store.records()] == [
            records[0].id, records[2].id, new.id,
        ]  # fmt: skip
