"""Older databases become the newest, whole or not at all, and a copy is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portal.provisioning.keeping.database import opened
from portal.provisioning.keeping.migrations import STEPS, TooNew, migrate
from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import a_record

OLD = "018e0000-0000-7000-8000-000000000000"
# A moment as it was kept by version 3.
AT = "'2026-03-01T09:30:00.000000Z', 5.0, 'b'"
BEFORE = (
    f"INSERT INTO record (id, body) VALUES ('{OLD}', x'00')",  # noqa: S608 - our own words
    "INSERT INTO delivery (record, name, position, state) VALUES (1, 'keep', 0, 'accepted')",
    f"INSERT INTO step VALUES (1, 'keep', 1, 'accepted', 'accepted', 0, NULL, {AT})",  # noqa: S608 - our own words
    "INSERT INTO joining (record, phase) VALUES (1, 'connected')",
    f"INSERT INTO turn VALUES (1, 1, 'asked', 'waiting', 0, NULL, NULL, {AT})",  # noqa: S608 - our own words
)
MORE = [*STEPS, ["ALTER TABLE record ADD COLUMN note TEXT", "UPDATE record SET note = 'old'"]]
BROKEN = [*STEPS, ["ALTER TABLE record ADD COLUMN note TEXT", "SELECT nonsense"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of today's shape with a record in it."""
    with Store(tmp_path / "records.db") as store:
        store.accept(a_record(), ["keep"])
    return tmp_path / "records.db"


def version(path: Path) -> int:
    """The steps this database has taken."""
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def test_forward(path: Path) -> None:
    """The records come along, and the database as it was is kept beside it, 0600."""
    with closing(opened(path)) as connection:
        migrate(connection, path, MORE)
        assert connection.execute("SELECT note FROM record").fetchall() == [("old",)]

    copy = path.with_name(f"records.db.v{len(STEPS)}")
    assert (version(path), version(copy)) == (len(MORE), len(STEPS))
    assert copy.stat().st_mode & 0o777 == 0o600
    with Store(copy) as store:
        assert len(list(store.records())) == 1


def test_steps_of_before(tmp_path: Path) -> None:
    """Of steps and turns that an earlier version kept, nobody knows whether the clock was set."""
    path = tmp_path / "records.db"
    with closing(sqlite3.connect(path)) as connection:
        migrate(connection, path, STEPS[:3])
        for words in BEFORE:
            connection.execute(words)
        connection.commit()
    with Store(path) as store:
        store.accept(new := a_record(), ["keep"])
        assert [step.at.is_set for step in store.steps(OLD)] == [None]
        assert [turn.at.is_set for turn in store.turns(OLD)] == [None]
        assert [step.at.is_set is None for step in store.steps(new.id)] == [False]
        store.check()
        assert store.incidents() == []
    # Rows of both lengths are found in the same damaged file.
    octets = path.read_bytes()
    path.write_bytes(bytes(100) + octets[100:])
    with Store(path) as store:
        store.check()
        assert len(store.incidents()) == 1
        assert [step.at.is_set for step in store.steps(OLD)] == [None]
        assert [turn.at.is_set for turn in store.turns(OLD)] == [None]
        assert [step.at.is_set is None for step in store.steps(new.id)] == [False]


def test_whole_or_not_at_all(path: Path) -> None:
    """A step that fails leaves the database as it was."""
    with closing(opened(path)) as connection, pytest.raises(sqlite3.OperationalError):
        migrate(connection, path, BROKEN)

    assert version(path) == len(STEPS)
    with Store(path) as store:
        assert len(list(store.records())) == 1


def test_done_is_done(path: Path) -> None:
    """A database of today's shape is not touched, nor copied."""
    before = path.read_bytes()
    opened(path).close()

    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.v*"))


def test_never_backward(path: Path) -> None:
    """A later program's database is refused, not guessed at."""
    with closing(opened(path)) as connection:
        migrate(connection, path, MORE)
        with pytest.raises(TooNew):
            migrate(connection, path, STEPS)

    assert version(path) == len(MORE)
