"""Secrets in the raw files: there while somebody needs them, in no byte afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hotspot.settings import Secret
from portal.provisioning.access import Access, Enterprise
from portal.provisioning.join import Turn
from portal.provisioning.keeping import erasing, migrations
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Event, State
from portal.provisioning.outbox import DurableOutbox
from portal.provisioning.record import ERASED, Record, from_json
from portal.provisioning.secrecy.sealing import Sealing, generate, unseal
from tests.portal.provisioning.fakes import START, FakeClock, a_record
from tests.torture.canary import forms

CANARY = "Kanarie-\u00fc-7f3a9c51"
PRIVATE, PUBLIC = generate()


def a_secret_record() -> Record:
    """A record whose every secret is the canary."""
    record = a_record(
        passphrase=CANARY, fields={"pin": Secret(CANARY), "long": Secret(CANARY * 99)}
    )
    return replace(record, access=Access(user=Enterprise("anna", Secret(CANARY))))


def found(folder: Path) -> set[str]:
    """The files below `folder` that hold the canary in any form."""
    return {
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms(CANARY).values())
    }


def deliver(store: Store, *names: str) -> list[Record]:
    """Let everything due under these names arrive; what arrived."""
    arrived = []
    while task := store.due(names):
        store.happen(task, Event.BEGUN)
        arrived.append(from_json(task.body))
        store.happen(task, Event.DELIVERED)
    return arrived


def test_erased_when_all_have_it(tmp_path: Path) -> None:
    """While one backend lacks it, it is there; when the last has it, in no byte of any file."""
    record = a_secret_record()
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["keep", "fleet"])
        assert found(tmp_path) == {"records.db"}
        assert deliver(store, "keep") == [record]
        assert found(tmp_path) == {"records.db"}
        assert deliver(store, "fleet") == [record]
        assert found(tmp_path) == set()

        life = store.state(record.id)
        assert life is not None
        assert life.state == "delivered"


def test_kept_for_whom_it_was_refused(tmp_path: Path) -> None:
    """A rejected record keeps its secrets: somebody has to look after it."""
    with Store(tmp_path / "records.db") as store:
        store.accept(a_secret_record(), ["keep", "fleet"])
        task = store.due(["keep"])
        assert task is not None
        store.happen(task, Event.BEGUN)
        store.happen(task, Event.REJECTED, reason="no")
        deliver(store, "fleet")

        assert found(tmp_path) == {"records.db"}


def test_sealed_is_never_written(tmp_path: Path) -> None:
    """Where every delivery seals, no file ever holds the canary, and each can open its own."""
    record, (other_private, other) = a_secret_record(), generate()
    seal = Sealing({"fleet": PUBLIC, "keep": other}).boxes
    with Store(tmp_path / "records.db") as store:
        outbox = DurableOutbox(store, ["fleet", "keep"], tmp_path / "bell", seal=seal)
        outbox.accept(record)
        outbox.accept(record)
        assert found(tmp_path) == set()
        (one,), (two,) = deliver(store, "fleet"), deliver(store, "keep")
        assert found(tmp_path) == set()
        assert len(list(store.records())) == 1

    assert unseal(one, PRIVATE) == record
    assert unseal(two, other_private) == record


def test_one_that_does_not_seal(tmp_path: Path) -> None:
    """It gets the secrets plain, so they are written until it has them; the other gets a box."""
    record = a_secret_record()
    with Store(tmp_path / "records.db") as store:
        outbox = DurableOutbox(
            store, ["fleet", "keep"], tmp_path / "bell", seal=Sealing({"fleet": PUBLIC}).boxes
        )
        outbox.accept(record)
        assert found(tmp_path) == {"records.db"}
        assert deliver(store, "keep") == [record]
        assert found(tmp_path) == set()
        (sealed,) = deliver(store, "fleet")

    assert unseal(sealed, PRIVATE) == record


def test_what_a_join_needs_stays_in_memory(tmp_path: Path) -> None:
    """With every delivery sealed the join reads it from memory, also again; not after a restart."""
    record, path = a_secret_record(), tmp_path / "records.db"
    seal = Sealing({"fleet": PUBLIC}).boxes
    with Store(path) as store:
        outbox = DurableOutbox(store, ["fleet"], tmp_path / "bell", joins=True, seal=seal)
        outbox.accept(record)
        assert found(tmp_path) == set()
        (attempt,) = outbox.unsettled()
        assert from_json(attempt.body) == record
        for turn in (Turn.BEGUN, Turn.FAILED, Turn.AGAIN):
            outbox.turn(record.id, turn)
        assert outbox.unsettled()[0].body == attempt.body
        restarted = DurableOutbox(store, ["fleet"], tmp_path / "bell", joins=True, seal=seal)
        (attempt,) = restarted.unsettled()
        assert from_json(attempt.body).sealed is not None
        outbox.turn(record.id, Turn.BEGUN)
        outbox.turn(record.id, Turn.CONNECTED)
        assert found(tmp_path) == set()
        (sealed,) = deliver(store, "fleet")

    assert unseal(sealed, PRIVATE) == record


def test_a_join_that_reads_it_from_the_disk(tmp_path: Path) -> None:
    """Unsealed, it is there while a join may need it, and until it is delivered."""
    record = a_secret_record()
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.CONNECTED)
        assert found(tmp_path) == {"records.db"}
        deliver(store, "keep")

        assert found(tmp_path) == set()


def test_copies_of_migrations_go_too(tmp_path: Path) -> None:
    """A copy of before holds the canary until a delivery has come to its end in the new shape."""
    path = tmp_path / "records.db"
    with closing(sqlite3.connect(path)) as connection:
        migrations.migrate(connection, path, migrations.STEPS[:2])
        body = b'{"v":1}'
        connection.execute("INSERT INTO record (id, body) VALUES ('x', ?)", (body,))
        connection.execute("UPDATE record SET body = ?", (CANARY.encode(),))
        connection.commit()
    record = a_record()
    with Store(path) as store:
        store.accept(record, ["keep"])
        assert found(tmp_path) == {"records.db", "records.db.v2"}
        deliver(store, "keep")

        assert not list(tmp_path.glob("*.v*"))


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """Planted in each of its forms, the canary is found: this test can fail."""
    for name, form in forms(CANARY).items():
        (tmp_path / name).write_bytes(b"before" + form + b"after")

    assert found(tmp_path) == set(forms(CANARY))


@pytest.mark.parametrize("again", [False, True])
def test_withheld_is_said(tmp_path: Path, again: bool) -> None:  # noqa: FBT001 - a table of two
    """What is erased stays erased when the same record is accepted again."""
    record = a_secret_record()
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["keep"])
        deliver(store, "keep")
        if again:
            store.accept(record, ["keep"])

        assert found(tmp_path) == set()


def failed(store: Store, *turns: Turn) -> str:
    """The id of an attempt to which this happened."""
    store.accept(record := a_secret_record(), ["keep"], joins=True)
    for turn in (Turn.BEGUN, *turns):
        store.turn(record.id, turn)
    return record.id


def test_an_attempt_that_failed_keeps_it_for_an_hour(tmp_path: Path) -> None:
    """So long "try again" works; then it is in no byte of any file, and asked for once more."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock) as store:
        id_ = failed(store, Turn.FAILED)
        clock.pass_(3_000)
        assert store.amend(erasing.lapse) == 600
        assert found(tmp_path)
        clock.pass_(600)
        assert store.amend(erasing.lapse) is None
        assert not found(tmp_path)
        record, life = store.record(id_), store.state(id_)

    assert record is not None
    assert record.sealed == ERASED
    assert life is not None
    assert life.state is State.HELD


def test_what_may_still_be_needed_is_not_erased(tmp_path: Path) -> None:
    """In line, under way, or just asked for again: however long ago the first try was."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock) as store:
        ids = [failed(store), failed(store, Turn.PUT_OFF), failed(store, Turn.FAILED)]
        clock.pass_(10_000)
        store.turn(ids[2], Turn.AGAIN)
        assert store.amend(erasing.lapse) is None
        for id_ in ids:
            assert (record := store.record(id_)) is not None
            assert record.passphrase == CANARY


def test_an_end_that_nobody_saw(tmp_path: Path) -> None:
    """The last attempt may still turn out to have connected; one before it may not any more."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock) as store:
        first, last = failed(store, Turn.INTERRUPTED), failed(store, Turn.INTERRUPTED)
        clock.pass_(10_000)
        store.amend(erasing.lapse)
        before, after = store.record(first), store.record(last)

    assert before is not None
    assert before.sealed == ERASED
    assert after is not None
    assert after.passphrase == CANARY


def test_an_hour_over_a_restart(tmp_path: Path) -> None:
    """Of another boot it is only known that it was before this one: an hour from its start."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock) as store:
        failed(store, Turn.FAILED)
        clock.reboot(START.replace(year=1970))
        assert store.amend(erasing.lapse) == pytest.approx(3_595)
        clock.pass_(3_595)
        assert store.amend(erasing.lapse) is None

    assert not found(tmp_path)
