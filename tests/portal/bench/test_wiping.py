"""All the bench has kept is removed, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from portal.bench.__main__ import main
from portal.bench.wiping import kept, wipe
from tests.portal.bench.benches import Workshop


def used(folder: Path) -> None:
    """A bench that has been worked at, and beside it what is not the bench's."""
    shop = Workshop(folder)
    shop.begin([{"id": "SN1", "serial": "SN1", "secret.key": "k-4711"}])
    shop.ledger.close()
    (folder / "bench").mkdir()
    (folder / "bench" / "people.json").write_text("{}")
    (folder / "records.db").write_text("answers")


def test_all_of_it_and_nothing_else(tmp_path: Path) -> None:
    """Ledger, key and folder, the key first; a link is removed, not what it leads to."""
    used(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "bench.db.link").symlink_to(elsewhere)

    names = wipe(tmp_path)

    assert (names[0], names[-1]) == ("bench.key", "bench")
    assert {"bench.db", "bench.db-journal", "bench.db.link"} <= set(names)

    assert kept(tmp_path) == []
    assert (tmp_path / "records.db").exists()
    assert elsewhere.exists()
    assert wipe(tmp_path) == []


@pytest.mark.parametrize(("answer", "status"), [("n\n", 1), ("", 1), ("y\n", 0)])
def test_it_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, status: int) -> None:
    """Only a yes removes anything."""
    used(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    assert main(["erase", "--state", str(tmp_path)]) == status
    assert bool(kept(tmp_path)) is bool(status)
