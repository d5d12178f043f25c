"""What docs/manifest.md says is so: its commands import its files, its tables are whole."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from portal.bench.__main__ import main
from portal.bench.documents.formats import NAMES
from portal.bench.documents.templates import FILTERS
from portal.bench.manifest import columns, reading

PAGE = (Path(__file__).parents[3] / "docs" / "manifest.md").read_text()


def block(language: str) -> str:
    """The page's example in one language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_worked_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command ends well, with the page's own files; the export has both devices."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "job.toml").write_text(block("toml"))
    (tmp_path / "devices.csv").write_text(block("csv"))
    (tmp_path / "lamp-2.0.bin").write_bytes(b"firmware")

    for line in block("console").splitlines():
        words = shlex.split(line.removeprefix("$ vestibule bench "))
        # The page's reader has a signature beside the file, as the office sends it.
        more = ["--unsigned"] if words[0] == "add" else []
        assert main([*words, *more, "--state", str(tmp_path / "state")]) == 0, line

    told = capsys.readouterr().out
    assert "2 new, 0 changed, 0 unchanged, 0 invalid" in told
    assert "whole; head" in told
    exported = (tmp_path / "devices-done.csv").read_text()
    assert "00123,a4:cf:12:00:00:01,lamp-hall,mqtt.example,••••••••" in exported


def test_the_tables_are_whole() -> None:
    """Every column, format, filter and limit there is stands on the page."""
    for name in (*columns.RESERVED, *columns.WRITTEN, *NAMES, *FILTERS):
        assert f"`{name}`" in PAGE or f"| {name} }}}}`" in PAGE
    for number in (reading.MOST_ROWS, reading.MOST_CELL):
        assert f"{number:,}" in PAGE
    assert f"{reading.MOST_COLUMNS} columns" in PAGE
    assert f"{reading.MOST_BYTES >> 20} MiB" in PAGE
