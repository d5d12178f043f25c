"""What docs/backends.md says is so."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hotspot import settings
from hotspot.config.options import BACKENDS, COMMON
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import to_json
from tests.portal.provisioning.fakes import a_record

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "backends.md").read_text()


def blocks(language: str) -> list[str]:
    """The page's examples in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A folder with the page's own backend, as pip would have installed it."""
    (example,) = blocks("python")
    assert len(example.splitlines()) <= 30
    (tmp_path / "ledger.py").write_text(example)
    (point,) = (block for block in blocks("toml") if "entry-points" in block)
    installed = tmp_path / "ledger-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: ledger\nVersion: 1\n")
    points = point.replace('project.entry-points."vestibule.backends"', "vestibule.backends")
    (installed / "entry_points.txt").write_text(points.replace('"', ""))
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A module of ours with the folder's distribution beside it."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env={**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"},
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_backend_of_ones_own(ledger: Path) -> None:
    """The example delivers, by its entry point, from the settings shown."""
    (table,) = (block for block in blocks("toml") if "plugin:" in block)
    table = table.replace("/var/lib/vestibule", str(ledger))
    (ledger / "config.toml").write_text(f'[radio]\ncountry = "DE"\n{table}')
    records = [a_record() for _ in range(3)]
    with Store(ledger / "records.db") as store:
        for record in records:
            store.accept(record, ["books"])
    config = ["--config", str(ledger / "config.toml"), "--state", str(ledger)]
    done = run(ledger, "portal.provisioning", "deliver", *config)

    assert done.returncode == 0, done
    with closing(sqlite3.connect(ledger / "ledger.db")) as books:
        rows = books.execute("SELECT id, body FROM record ORDER BY id").fetchall()
    assert rows == [(record.id, to_json(record)) for record in records]


def test_it_keeps_the_protocol(ledger: Path) -> None:
    """The command of the page finds nothing wrong with the page's own example."""
    (command,) = (line for block in blocks("sh") for line in block.splitlines())
    words = ["portal.provisioning.conformance", "ledger:Ledger", "--options"]
    assert command == "python -m " + " ".join([*words, '\'{"file": "/tmp/ledger.db"}\''])
    done = run(ledger, *words, '{"file": "ledger.db"}')

    assert done.returncode == 0, done.stdout
    assert "FAILED" not in done.stdout


def test_the_first_example() -> None:
    """The two deliveries at the top are settings."""
    text = f'[radio]\ncountry = "DE"\n{blocks("toml")[0]}'

    found = settings.parse(text, file="backends.md").deliveries
    assert [(each.name, each.backend) for each in found] == [("keep", "file"), ("fleet", "mqtt")]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_option_is_told_of(backend: str) -> None:
    """Each backend's section names all its options, and no other."""
    titled = rf"^## [^\n]*`{backend}`[^\n]*\n(.*?)^## "
    (section,) = re.findall(titled, PAGE, re.MULTILINE | re.DOTALL)
    (table,) = re.findall(r"\| option \| \|\n\|---\|---\|\n((?:\|.*\n)+)", section) or [""]
    named = {
        name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }

    assert named == set(BACKENDS[backend]) - set(COMMON)
    for option in COMMON:
        assert f"`{option}` in any delivery" in PAGE
