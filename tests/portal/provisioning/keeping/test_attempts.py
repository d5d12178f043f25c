"""Joins in the store: held until proven, kept with their reason, never lost in between."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from portal.provisioning.join import Join, Phase, Turn
from portal.provisioning.keeping import attempts
from portal.provisioning.keeping.attempts import TURNS_KEPT
from portal.provisioning.keeping.migrations import STEPS, migrate
from portal.provisioning.keeping.store import Full, Limits, Store
from portal.provisioning.life import Event, State
from tests.portal.provisioning.fakes import FakeClock, a_record

ADDRESS = "192.168.77.131/24"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be."""
    return tmp_path / "records.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An empty one."""
    with Store(path) as store:
        yield store


def in_line(store: Store, *names: str) -> str:
    """The id of a record that waits to be joined."""
    record = a_record()
    store.accept(record, names or ["keep"], joins=True)
    return record.id


def failed(store: Store, outcome: str = "wrong_password") -> str:
    """The id of an attempt that failed."""
    id_ = in_line(store)
    assert store.turn(id_, Turn.BEGUN)
    assert store.turn(id_, Turn.FAILED, outcome=outcome, step="authenticated")
    return id_


def test_a_record_waits_for_its_network(store: Store) -> None:
    """It is in line, and its deliveries are nobody's business yet."""
    id_ = in_line(store, "fleet", "keep")
    life = store.state(id_)

    assert life is not None
    assert life.join is not None
    assert (life.state, life.join.state, life.join.attempts) == (State.HELD, Phase.WAITING, 0)
    assert [(each.name, each.state) for each in life.deliveries] == [
        ("fleet", State.HELD),
        ("keep", State.HELD),
    ]
    assert store.due(["fleet", "keep"]) is None
    assert store.soonest(["fleet", "keep"]) is None
    assert store.unclaimed([]) == {}
    assert [(each.id, each.phase) for each in store.unsettled()] == [(id_, Phase.WAITING)]


def test_connected_releases_the_deliveries(store: Store) -> None:
    """In one transaction, in their order, and with what the radio told."""
    id_ = in_line(store, "fleet", "keep")
    assert store.turn(id_, Turn.BEGUN)
    assert store.due(["fleet", "keep"]) is None
    detail = {"address": ADDRESS, "internet": True}
    assert store.turn(id_, Turn.CONNECTED, outcome="connected", step="kept", detail=detail)

    life = store.state(id_)
    assert life is not None
    assert life.join is not None
    assert (life.state, life.join.state) == (State.ACCEPTED, Phase.CONNECTED)
    assert (life.join.outcome, life.join.attempts, life.join.detail) == ("connected", 1, detail)
    assert [each.name for each in life.deliveries] == ["fleet", "keep"]
    task = store.due(["fleet", "keep"])
    assert task is not None
    assert (task.id, task.name) == (id_, "fleet")
    assert [step.event for step in store.steps(id_)] == [Event.RELEASED] * 2
    assert store.unsettled() == []


def test_a_reader_never_sees_half_a_release(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that comes between two reads of one look waits for its end."""
    with Store(path) as writer, Store(path) as reader:
        id_ = in_line(writer, "fleet", "keep")
        writer.turn(id_, Turn.BEGUN)
        committing = threading.Thread(target=writer.turn, args=[id_, Turn.CONNECTED])
        read = attempts.join

        def read_later(connection: sqlite3.Connection, id_: str) -> Join | None:
            if committing.ident is None:
                committing.start()
                committing.join(0.5)
            return read(connection, id_)

        monkeypatch.setattr(attempts, "join", read_later)
        life = reader.state(id_)
        committing.join()
        after = reader.state(id_)

    assert life is not None
    assert [each.state for each in life.deliveries] == [State.HELD] * 2
    assert after is not None
    assert [each.state for each in after.deliveries] == [State.ACCEPTED] * 2


def test_a_failed_attempt_is_never_delivered(store: Store) -> None:
    """It stays with its reason, and a late word does not make it a good one."""
    id_ = failed(store)
    assert not store.turn(id_, Turn.CONNECTED, outcome="connected")

    life = store.state(id_)
    assert life is not None
    assert life.join is not None
    assert (life.state, life.join.state) == (State.HELD, Phase.FAILED)
    assert (life.join.outcome, life.join.step) == ("wrong_password", "authenticated")
    assert store.due(["keep"]) is None


def test_every_turn_is_kept_with_its_moment(path: Path) -> None:
    """Asked, begun, interrupted, again, begun, failed: each with boot, attempt and outcome."""
    clock = FakeClock()
    with Store(path, clock=clock) as store:
        id_ = in_line(store)
        clock.pass_(1.0)
        store.turn(id_, Turn.BEGUN)
        clock.reboot()
        store.turn(id_, Turn.INTERRUPTED, step="lease")
        store.turn(id_, Turn.AGAIN)
        store.turn(id_, Turn.BEGUN)
        store.turn(id_, Turn.FAILED, outcome="not_found", step="found")
        told = store.turns(id_)
        life = store.state(id_)

    assert [(t.turn, t.phase, t.attempt, t.outcome, t.step) for t in told] == [
        ("asked", "waiting", 0, None, None),
        ("begun", "trying", 1, None, None),
        ("interrupted", "interrupted", 1, None, "lease"),
        ("again", "waiting", 1, None, None),
        ("begun", "trying", 2, None, None),
        ("failed", "failed", 2, "not_found", "found"),
    ]
    assert [t.at.boot for t in told] == ["boot-1"] * 2 + ["boot-2"] * 4
    assert life is not None
    assert life.join is not None
    assert life.join.at == clock.wall


def test_turns_are_bounded(store: Store) -> None:
    """A person who tries all day leaves the first turn and the last fifty."""
    id_ = in_line(store)
    for _ in range(TURNS_KEPT):
        store.turn(id_, Turn.BEGUN)
        store.turn(id_, Turn.PUT_OFF)
    told = store.turns(id_)

    assert len(told) == TURNS_KEPT + 1
    assert told[0].turn is Turn.ASKED


def test_being_put_off_is_no_attempt(store: Store) -> None:
    """The radio had another one to try."""
    id_ = in_line(store)
    store.turn(id_, Turn.BEGUN)
    store.turn(id_, Turn.PUT_OFF)
    life = store.state(id_)

    assert life is not None
    assert life.join is not None
    assert (life.join.state, life.join.attempts) == (Phase.WAITING, 0)


def test_a_record_without_a_join_has_no_turn(store: Store) -> None:
    """What is only collected goes on at once, and cannot be joined."""
    record = a_record()
    store.accept(record, ["keep"])

    assert not store.turn(record.id, Turn.BEGUN)
    life = store.state(record.id)
    assert life is not None
    assert (life.state, life.join) == (State.ACCEPTED, None)
    assert store.latest() is None
    assert store.turns(record.id) == []


def test_the_latest(store: Store) -> None:
    """The record that was last to be joined."""
    failed(store)
    second = in_line(store)
    store.accept(a_record(), ["keep"])

    latest = store.latest()
    assert latest is not None
    assert latest.id == second


def test_failed_attempts_make_room_and_nothing_else(path: Path) -> None:
    """The oldest attempt goes; what waits, is tried, or has connected and not arrived stays."""
    with Store(path, limits=Limits(records=4)) as store:
        waiting, oldest, younger, connected = (
            in_line(store), failed(store), failed(store), in_line(store)
        )  # fmt: skip
        store.turn(connected, Turn.BEGUN)
        store.turn(connected, Turn.CONNECTED, outcome="connected")
        fifth = in_line(store)
        store.turn(fifth, Turn.BEGUN)
        assert [each.life.id for each in store.records()] == [waiting, younger, connected, fifth]

        sixth = in_line(store)
        with pytest.raises(Full):
            in_line(store)
        assert [each.life.id for each in store.records()] == [waiting, connected, fifth, sixth]
        assert store.state(oldest) is None
        assert store.turns(oldest) == []


def test_accepted_twice_is_in_line_once(store: Store) -> None:
    """A second try after an unclear answer changes nothing."""
    record = a_record()
    for _ in range(2):
        store.accept(record, ["keep"], joins=True)

    assert [each.id for each in store.unsettled()] == [record.id]


def test_an_older_database_takes_joins(path: Path) -> None:
    """The first shape, as it was written, becomes today's; its records go on as before."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, STEPS[:1])
        connection.execute("INSERT INTO record (id, body) VALUES ('old', x'7b7d')")
        connection.execute(
            "INSERT INTO delivery (record, name, position, state) VALUES (1, 'keep', 0, 'waiting')"
        )
    with Store(path) as store:
        new = in_line(store)
        old = store.state("old")
        assert old is not None
        assert (old.state, old.join) == (State.WAITING, None)
        assert [each.id for each in store.unsettled()] == [new]

    assert path.with_name("records.db.v1").exists()


@pytest.mark.parametrize("names", [*itertools.permutations(["a", "b", "c"])])
def test_deliveries_keep_their_order(store: Store, names: tuple[str, ...]) -> None:
    """As the settings name them, held and released."""
    id_ = in_line(store, *names)
    for turn in (None, Turn.BEGUN, Turn.CONNECTED):
        assert turn is None or store.turn(id_, turn)
        life = store.state(id_)
        assert life is not None
        assert tuple(each.name for each in life.deliveries) == names
