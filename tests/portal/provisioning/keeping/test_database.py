"""The connection: its pragmas, and files that are not what they should be."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portal.provisioning.keeping.database import Database, Unwritable, opened
from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import a_record


def test_pragmas(tmp_path: Path) -> None:
    """The connection keeps what was measured to lose nothing."""
    asked = ["journal_mode", "synchronous", "foreign_keys", "secure_delete"]
    with closing(opened(tmp_path / "records.db")) as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]

    assert found == ["truncate", 2, 1, 1]


def test_mode_whatever_the_umask(tmp_path: Path) -> None:
    """A careless umask does not open the database to others."""
    before = os.umask(0)
    try:
        opened(tmp_path / "records.db").close()
    finally:
        os.umask(before)

    assert (tmp_path / "records.db").stat().st_mode & 0o777 == 0o600


def test_awkward_paths(tmp_path: Path) -> None:
    """A path is a path, also with what means something in a URI."""
    path = tmp_path / "a?mode=ro&b#c %41.db"
    opened(path).close()

    assert path.stat().st_size > 0


def test_a_bug_is_not_taken_for_the_disk(tmp_path: Path) -> None:
    """Wrong SQL is an error of ours and stays one; the connection is usable after it."""
    database = Database(tmp_path / "records.db")
    with pytest.raises(sqlite3.OperationalError), database.transaction() as connection:
        connection.execute("SELECT nonsense")
    with database.use() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    database.close()


def damaged(path: Path) -> None:
    """Bytes of something else."""
    path.write_bytes(b"this is no database" * 100)


def a_folder(path: Path) -> None:
    """No file at all."""
    path.mkdir()


def from_the_future(path: Path) -> None:
    """A database of a later version."""
    with closing(opened(path)) as connection:
        connection.execute("PRAGMA user_version = 999")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(damaged, "damaged"), (a_folder, "cannot be opened"), (from_the_future, "version is 999")],
)
def test_unusable_files(tmp_path: Path, spoil: object, words: str) -> None:
    """Each is refused with the file's name and the reason, and left as it is."""
    path = tmp_path / "records.db"
    spoil(path)  # type: ignore[operator]

    database = Database(path)
    with pytest.raises(Unwritable, match=f"records.db: .*{words}"), database.use():
        pass
    database.close()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """A file where the folder should be is a refusal too, and its removal mends it."""
    (tmp_path / "state").touch()
    with Store(tmp_path / "state" / "records.db") as store:
        with pytest.raises(Unwritable):
            store.accept(a_record(), ["keep"])
        (tmp_path / "state").unlink()
        store.accept(a_record(), ["keep"])


def test_another_file_in_its_place_is_opened(tmp_path: Path) -> None:
    """Whoever had the old one open works on the new one from then on."""
    path, other = tmp_path / "records.db", tmp_path / "other.db"
    with Store(path) as store:
        store.accept(a_record(), ["keep"])
        opened(other).close()
        other.rename(path)
        assert list(store.records()) == []
        store.accept(a_record(), ["keep"])

        assert len(list(store.records())) == 1
    with Store(path) as store:
        assert len(list(store.records())) == 1
