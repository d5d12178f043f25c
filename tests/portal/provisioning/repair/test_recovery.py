"""Damaged files: set aside, never a wrong record out of them, the rest goes on."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.join import Phase
from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from portal.provisioning.record import Record
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.fakes import FakeBackend, FakeBell, FakeClock, a_record
from tests.portal.provisioning.repair import damage
from tests.portal.provisioning.repair.damage import MEMORY, NAMES, RECORDS, Original

original = damage.original
PAGE = 4096


def header_gone(octets: bytes) -> bytes:
    """The first hundred bytes are zeros."""
    return bytes(100) + octets[100:]


def first_page_gone(octets: bytes) -> bytes:
    """So is all that says what is where."""
    return bytes(PAGE) + octets[PAGE:]


def cut_in_half(octets: bytes) -> bytes:
    """Only its first half is there."""
    return octets[: len(octets) // 2]


def rubbish_inside(octets: bytes) -> bytes:
    """Three pages in the middle hold something else."""
    middle = len(octets) // PAGE // 2 * PAGE
    return octets[:middle] + random.Random(1).randbytes(3 * PAGE) + octets[middle + 3 * PAGE :]


def another_version(octets: bytes) -> bytes:
    """The version is one that nobody ever wrote."""
    return octets[:60] + b"\x7f\xff\xff\xff" + octets[64:]


def no_version(octets: bytes) -> bytes:
    """The version says that there is nothing yet."""
    return octets[:60] + bytes(4) + octets[64:]


def check(path: Path, records: dict[str, Record]) -> tuple[int, list[str]]:
    """Start on a damaged file: what is told of each record is true. How many can be read."""
    told: list[str] = []
    octets = path.read_bytes()
    with Store(path, names=NAMES, log=told.append) as store:
        store.check()
        entries = list(store.records())
        readable = [each for each in entries if each.record is not None]
        for each in readable:
            assert each.record is not None
            # With its secrets, or without them where they have been erased.
            full = records[each.life.id]
            assert each.record in {full, bare(full)}
            # None is missing; a name with a flipped bit may be there besides.
            assert {d.name for d in each.life.deliveries} >= set(NAMES)
        if told:
            (incident,) = store.incidents()
            assert path.with_name(incident.aside).read_bytes() == octets
            assert incident.kept == len(readable)
        new = a_record()
        store.accept(new, NAMES)
        assert store.state(new.id) is not None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return len(readable), told


@pytest.mark.parametrize(
    ("spoil", "least"),
    [
        (header_gone, RECORDS),
        (first_page_gone, RECORDS),
        (another_version, RECORDS),
        (no_version, RECORDS),
        (rubbish_inside, RECORDS // 2),
        (cut_in_half, RECORDS // 4),
    ],
)
def test_a_damaged_file(
    tmp_path: Path,
    original: Original,
    spoil: Callable[[bytes], bytes],
    least: int,
) -> None:
    """What is on sound pages is kept; the file is set aside whole; it goes on; it is told."""
    path = tmp_path / "records.db"
    path.write_bytes(spoil(original.octets))

    readable, told = check(path, original.records)

    assert readable >= least
    assert len(told) == 1
    assert f"{readable:,} records kept" in told[0]


def test_lives_go_on_where_they_were(tmp_path: Path, original: Original) -> None:
    """With all rows there, every state, join, turn and step is what it was."""
    path = tmp_path / "records.db"
    before: list[object] = []
    after: list[object] = []
    path.write_bytes(original.octets)
    for lives in (before, after):
        with Store(path) as store:
            store.check()
            for each in store.records():
                steps, turns = store.steps(each.life.id), store.turns(each.life.id)
                lives.append((each, steps, turns))
        path.write_bytes(first_page_gone(path.read_bytes()))

    assert len(before) == RECORDS
    assert before == after


def test_what_arrives_of_a_damaged_file(tmp_path: Path, original: Original) -> None:
    """Every record that can be read and whose network is proven reaches both; nothing else does."""
    path = tmp_path / "records.db"
    path.write_bytes(rubbish_inside(original.octets))
    clock, backends = FakeClock(), {name: FakeBackend() for name in NAMES}
    with Store(path, clock=clock, names=NAMES) as store:
        store.check()
        Delivery(store, backends, random=lambda: 0.5, log=lambda _: None).run(FakeBell(clock))
        for each in store.records():
            join = each.life.join
            if join and join.state is not Phase.CONNECTED:
                assert each.life.state is State.HELD
            elif each.record is None:
                assert each.life.state in {State.DEAD, State.DELIVERED}
            else:
                assert each.life.state is State.DELIVERED
    for backend in backends.values():
        assert backend.effects.items() <= original.records.items()


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["bits", "pages", "zeros", "cut", "shifted"]),
    many=st.integers(1, 12),
)
def test_any_damage(original: Original, seed: int, kind: str, many: int) -> None:
    """Flipped bits, foreign or empty pages, a lost or shifted end: never a record that is not
    what a person sent, never a file that cannot be used, and what was damaged is kept.
    """
    octets, chance = bytearray(original.octets), random.Random(seed)
    for _ in range(many):
        place = chance.randrange(len(octets))
        page = place // PAGE * PAGE
        if kind == "bits":
            octets[place] ^= 1 << chance.randrange(8)
        elif kind == "pages":
            octets[page : page + PAGE] = chance.randbytes(PAGE)
        elif kind == "zeros":
            octets[page : page + 512] = bytes(512)
        elif kind == "shifted":
            octets[page : page + PAGE] = octets[place : place + PAGE].ljust(PAGE, b"\1")
    if kind == "cut":
        octets = octets[: chance.randrange(1, len(octets))]
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        path = Path(name) / "records.db"
        path.write_bytes(octets)
        check(path, original.records)


def test_a_rival_that_has_the_old_file_open(tmp_path: Path, original: Original) -> None:
    """While one store mends the file, others accept: what they were told is kept is kept."""
    path = tmp_path / "records.db"
    path.write_bytes(header_gone(original.octets))
    told: list[Record] = []
    stop, begun = threading.Event(), threading.Event()

    def submit() -> None:
        with Store(path) as mine:
            while not stop.is_set():
                record = a_record()
                try:
                    mine.accept(record, NAMES)
                except Unwritable:
                    continue
                told.append(record)
                begun.set()

    thread = threading.Thread(target=submit)
    thread.start()
    with Store(path, names=NAMES) as store:
        for _ in range(4):
            # As a disk would do it: behind SQLite's back, between two commits.
            with path.open("r+b") as file:
                file.seek(100)
                file.write(bytes(60))
            store.check()
    assert begun.wait(60)
    stop.set()
    thread.join(60)

    with Store(path) as store:
        kept = {each.life.id for each in store.records() if each.record}
    lost = [record for record in told if record.id not in kept]
    assert not lost
    assert list(tmp_path.glob("records.db.damaged-*"))


def test_no_room_for_the_new_one(
    tmp_path: Path, original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the new file cannot be written, the damaged one stays, and it is tried again."""
    path, told = tmp_path / "records.db", list[str]()
    path.write_bytes(first_page_gone(original.octets))
    with Store(path, names=NAMES, log=told.append) as store:
        with monkeypatch.context() as patch:

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr("portal.provisioning.repair.recovery.opened", full)
            with pytest.raises(Unwritable):
                store.accept(a_record(), NAMES)
        assert not list(tmp_path.glob("*.damaged-*"))
        assert "cannot be put right now" in told[0]
        with pytest.raises(Unwritable):
            store.accept(a_record(), NAMES)
        store.accept(a_record(), NAMES)
        assert len(list(store.records())) == RECORDS + 1
