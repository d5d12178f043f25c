"""A database of which little or nothing is left: what is told, and what a new one means."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.keeping.making import mark
from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import a_record
from tests.portal.provisioning.repair import damage
from tests.portal.provisioning.repair.damage import NAMES, RECORDS, Original, filled

original = damage.original


def test_a_file_of_which_nothing_is_left(tmp_path: Path, original: Original) -> None:
    """Cut to nothing it does not pass for a new one: it is set aside, told, and it goes on."""
    path, told = tmp_path / "records.db", list[str]()
    filled(path)
    path.write_bytes(b"")
    with Store(path, names=NAMES, log=told.append) as store:
        with pytest.raises(Unwritable, match="it is empty, and was not"):
            store.accept(a_record(), NAMES)
        store.accept(a_record(), NAMES)
        (incident,) = store.incidents()
    assert original.records
    assert (incident.kept, incident.why) == (0, "it is empty, and was not")
    assert len(told) == 1
    assert path.with_name(incident.aside).read_bytes() == b""
    assert not list(tmp_path.glob("*.new*"))


def test_cut_to_nothing_while_it_is_open(tmp_path: Path) -> None:
    """So it is where a store has it open: what was acknowledged is missed, not forgotten."""
    path = tmp_path / "records.db"
    with Store(path, names=NAMES) as store:
        store.accept(a_record(), NAMES)
        path.write_bytes(b"")
        with pytest.raises(Unwritable):
            list(store.records())
        store.accept(new := a_record(), NAMES)
        assert [each.life.id for each in store.records()] == [new.id]
        assert len(store.incidents()) == 1


def test_a_beginning_cut_short_is_no_damage(tmp_path: Path) -> None:
    """The power went before the first commit: there was nothing, and nothing is told."""
    path, told = tmp_path / "records.db", list[str]()
    path.touch()
    with Store(path, names=NAMES, log=told.append) as store:
        store.check()
        store.accept(a_record(), NAMES)
        assert (store.incidents(), told) == ([], [])


def test_the_mark_comes_later_to_older_ones(tmp_path: Path) -> None:
    """A store of before there was a mark gets it when it is opened; a read-only disk is no harm."""
    path = tmp_path / "records.db"
    filled(path)
    mark(path).unlink()
    with Store(path) as store:
        assert len(list(store.records())) == RECORDS

    assert mark(path).exists()


def test_a_file_that_somebody_has_removed(tmp_path: Path) -> None:
    """It is made anew without a word: whoever removes it knows."""
    path, told = tmp_path / "records.db", list[str]()
    filled(path)
    path.unlink()
    with Store(path, names=NAMES, log=told.append) as store:
        store.accept(a_record(), NAMES)
        assert (store.incidents(), told) == ([], [])
    assert mark(path).exists()
