"""The store: what was accepted is there, bounded, once, in order."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hotspot.settings import Secret
from portal.provisioning.keeping.store import Full, Limits, Store
from portal.provisioning.keeping.tables import STEPS_KEPT
from portal.provisioning.life import Event, Moment, State
from portal.provisioning.record import Record
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.fakes import START, FakeClock, a_record

DEADLINE = 60.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be."""
    return tmp_path / "state" / "records.db"


def kept(store: Store) -> list[Record | None]:
    """The records in the store."""
    return [entry.record for entry in store.records()]


def deliver(store: Store, count: int) -> None:
    """Let the oldest deliveries come to a good end."""
    for _ in range(count):
        task = store.due(["keep"])
        assert task is not None
        assert store.happen(task, Event.BEGUN)
        assert store.happen(task, Event.DELIVERED)


def accept_large(store: Store, count: int) -> None:
    """Accept records of 4 kB."""
    for _ in range(count):
        store.accept(a_record(fields={"note": "x" * 4000}), ["keep"])


def test_what_was_accepted_is_there_after_a_restart(path: Path) -> None:
    """Another store on the same file has the record and its life, in order."""
    records = [a_record(ssid=bytes([n])) for n in range(1, 4)]
    with Store(path) as store:
        for record in records:
            store.accept(record, ["fleet", "keep"])

    with Store(path) as store:
        assert kept(store) == records
        life = store.state(records[0].id)

    assert life is not None
    assert (life.id, life.state) == (records[0].id, State.ACCEPTED)
    assert [(d.name, d.state, d.attempts) for d in life.deliveries] == [
        ("fleet", State.ACCEPTED, 0),
        ("keep", State.ACCEPTED, 0),
    ]


def test_nobody_else_may_read(path: Path) -> None:
    """The folder is 0700, all in it 0600, whatever the umask."""
    with Store(path) as store:
        store.accept(a_record(), ["keep"])

    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {
        "records.db": 0o600,
        "records.db-journal": 0o600,
        "records.db.made": 0o600,
    }


@pytest.mark.parametrize("stores", [1, 2])
def test_thirty_two_threads(path: Path, stores: int) -> None:
    """Every record of 32 threads is there, exactly once, also through two stores at once."""
    records = [[a_record() for _ in range(8)] for _ in range(32)]
    errors: list[BaseException] = []

    def work(store: Store, mine: list[Record]) -> None:
        try:
            for record in mine:
                store.accept(record, ["keep"])
                assert store.state(record.id) is not None
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    with Store(path) as first, Store(path) as second:
        threads = [
            threading.Thread(target=work, args=((first, second)[n % stores], mine))
            for n, mine in enumerate(records)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)
        found = kept(first)

    assert not errors
    assert sorted(each.id for each in found if each) == sorted(r.id for m in records for r in m)


def test_accepted_twice_is_accepted_once(path: Path) -> None:
    """A second try after an unclear answer changes nothing."""
    record = a_record()
    with Store(path) as store:
        store.accept(record, ["keep"])
        deliver(store, 1)
        store.accept(record, ["keep"])

        assert kept(store) == [bare(record)]
        life = store.state(record.id)

    assert life is not None
    assert life.state is State.DELIVERED


def test_an_id_belongs_to_one_record(path: Path) -> None:
    """Another record under the same id is refused, not taken for the first."""
    record = a_record()
    with Store(path) as store:
        store.accept(record, ["keep"])
        with pytest.raises(ValueError, match="another record"):
            store.accept(replace(record, ssid=b"other"), ["keep"])

        assert kept(store) == [record]


def test_a_record_goes_somewhere(path: Path) -> None:
    """A record for nobody would stay for ever, so it is a bug."""
    with Store(path) as store, pytest.raises(ValueError, match="never leave"):
        store.accept(a_record(), [])


def test_unknown_record(path: Path) -> None:
    """An id that was never given out has no life."""
    with Store(path) as store:
        assert store.state(a_record().id) is None


def test_full_by_number(path: Path) -> None:
    """Past the limit new records are refused and none is dropped; room is taken at once."""
    records = [a_record() for _ in range(5)]
    with Store(path, limits=Limits(records=3)) as store:
        for record in records[:3]:
            store.accept(record, ["keep"])
        with pytest.raises(Full):
            store.accept(records[3], ["keep"])
        assert kept(store) == records[:3]

        deliver(store, 1)
        store.accept(records[4], ["keep"])

        assert kept(store) == [*records[1:3], records[4]]


def test_only_what_arrived_everywhere_makes_room(path: Path) -> None:
    """A record that one of two backends lacks, or refused, stays."""
    with Store(path, limits=Limits(records=2)) as store:
        store.accept(a_record(), ["keep", "fleet"])
        store.accept(a_record(), ["keep"])
        deliver(store, 1)
        task = store.due(["keep"])
        assert task is not None
        store.happen(task, Event.BEGUN)
        store.happen(task, Event.REJECTED, reason="no")

        with pytest.raises(Full):
            store.accept(a_record(), ["keep"])


def test_full_by_size(path: Path) -> None:
    """The database does not grow past its limit by more than a record."""
    size = 256 * 1024
    with Store(path, limits=Limits(size=size)) as store:
        with pytest.raises(Full):
            accept_large(store, 200)
        before = len(kept(store))

        assert before > 20
        assert path.stat().st_size < size + 32 * 1024
        deliver(store, 3)
        accept_large(store, 1)

        # What made room is what had arrived, and no more of it than needed.
        assert before - 2 <= len(kept(store)) <= before


def test_what_is_forgotten_is_gone_from_the_file(path: Path) -> None:
    """secure_delete: a forgotten record's password is in no byte of the database."""
    canary = "canary-7f3a9c51"
    with Store(path, limits=Limits(records=1)) as store:
        store.accept(a_record(passphrase=canary), ["keep"])
        assert canary.encode() in path.read_bytes()
        deliver(store, 1)
        store.accept(a_record(), ["keep"])

    assert not [f for f in path.parent.iterdir() if canary.encode() in f.read_bytes()]


def test_many_records_come_page_by_page(path: Path) -> None:
    """More records than a page come once each and in order."""
    records = [a_record() for _ in range(405)]
    with Store(path) as store:
        for record in records:
            store.accept(record, ["keep"])

        assert kept(store) == records


def test_steps_say_when(path: Path) -> None:
    """Every step is kept with boot, monotonic and wall time, attempt and reason."""
    clock, record = FakeClock(), a_record(fields={"pin": Secret("1234")})
    with Store(path, clock=clock) as store:
        store.accept(record, ["keep"])
        clock.pass_(1.5)
        task = store.due(["keep"])
        assert task is not None
        store.happen(task, Event.BEGUN)
        store.happen(task, Event.DEFERRED, reason="asleep", delay=2.0)
        steps = store.steps(record.id)
        life = store.state(record.id)

    assert [(s.event, s.state, s.attempt, s.reason) for s in steps] == [
        ("accepted", "accepted", 0, None),
        ("begun", "delivering", 1, None),
        ("deferred", "waiting", 1, "asleep"),
    ]
    assert [s.at for s in steps] == [Moment(START, 100.0, "boot-1"), *[clock()] * 2]
    assert life is not None
    assert life.deliveries[0].reason == "asleep"
    assert life.deliveries[0].next_try is not None
    assert (life.deliveries[0].next_try - clock.wall).total_seconds() == 2


def test_steps_are_bounded(path: Path) -> None:
    """A backend that is down for a month leaves the first step and the last hundred."""
    with Store(path) as store:
        record = a_record()
        store.accept(record, ["keep"])
        task = store.due(["keep"])
        assert task is not None
        for _ in range(STEPS_KEPT):
            store.happen(task, Event.BEGUN)
            store.happen(task, Event.DEFERRED, reason="down", delay=0.0)
        steps = store.steps(record.id)

    assert len(steps) == STEPS_KEPT + 1
    assert steps[0].event is Event.ACCEPTED
    assert steps[-1].attempt == STEPS_KEPT


def test_a_delivery_waits_by_monotonic_time(path: Path) -> None:
    """No jump of the wall clock makes a wait longer; a reboot ends it."""
    clock = FakeClock()
    with Store(path, clock=clock) as store:
        store.accept(a_record(), ["keep"])
        task = store.due(["keep"])
        assert task is not None
        store.happen(task, Event.BEGUN)
        store.happen(task, Event.DEFERRED, delay=60.0)

        clock.wall = START.replace(year=1970)
        assert (store.due(["keep"]), store.soonest(["keep"])) == (None, 60.0)
        clock.monotonic += 60
        assert store.due(["keep"]) is not None
        assert store.soonest(["keep"]) == 0
        clock.reboot()
        assert store.due(["keep"]) is not None
        assert store.soonest(["keep"]) == 0


def test_deliveries_are_picked_by_record_then_by_their_own_order(path: Path) -> None:
    """Oldest record first; within a record as the settings name them; only what is asked for."""
    first, second = a_record(), a_record()
    with Store(path) as store:
        for record in (first, second):
            store.accept(record, ["fleet", "archive"])
        picked = []
        while task := store.due(["archive", "fleet"]):
            store.happen(task, Event.BEGUN)
            store.happen(task, Event.DELIVERED)
            picked.append((task.id, task.name))

        assert picked == [(r.id, name) for r in (first, second) for name in ("fleet", "archive")]
        store.accept(a_record(), ["gone"])
        assert store.due(["keep"]) is None
        assert store.soonest(["keep"]) is None
        assert store.unclaimed(["keep"]) == {"gone": 1}
        assert store.unclaimed(["gone"]) == {}
