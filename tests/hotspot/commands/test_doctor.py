"""`vestibule doctor` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import main


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Settings that can be used, and directories that are not there yet."""
    (tmp_path / "config.toml").write_text('[radio]\ncountry = "DE"\n')
    words = ["--config", tmp_path / "config.toml", "--state", tmp_path / "state"]
    return list(map(str, [*words, "--runtime", tmp_path / "run"]))


def doctor(places: list[str], *words: str, given: str = "") -> Result:
    """The command's output and exit status."""
    return CliRunner().invoke(main, ["doctor", *words, *places], input=given)


def test_for_a_person(places: list[str]) -> None:
    """One line a finding with its mark, a verdict at the end, a status that agrees with it."""
    told = doctor(places)
    lines = told.stdout.splitlines()
    assert lines[0] == f"ok  settings    {places[1]} can be used"
    assert told.exit_code == (lines[-1].startswith("It cannot work"))


def test_for_a_program(places: list[str]) -> None:
    """The same findings as JSON."""
    told = doctor(places, "--json")
    document = json.loads(told.stdout)
    assert told.exit_code == (document["verdict"] == "problem")
    assert {"settings", "adapter", "sqlite", "disk"} <= {
        one["theme"] for one in document["findings"]
    }


def test_a_fix_is_asked_for(places: list[str], tmp_path: Path) -> None:
    """Said and asked first; after no nothing has changed, after yes it is so."""
    told = doctor(places, "--fix", given="n\n" * 9)
    assert f"Shall I make the directory {tmp_path}/state (mode 0700)?" in told.stderr
    assert not (tmp_path / "state").exists()
    told = doctor(places, "--fix", "--yes")
    assert f"done: make the directory {tmp_path}/state (mode 0700)" in told.stderr
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert f"{tmp_path}/state is closed to others" in told.stdout


def test_a_fix_that_fails(places: list[str], tmp_path: Path) -> None:
    """Is said, and the rest goes on."""
    (tmp_path / "state").symlink_to(tmp_path / "state")
    told = doctor(places, "--fix", "--yes")
    assert "could not make the directory" in told.stderr
    assert "settings" in told.stdout


@pytest.mark.parametrize("text", ['[radio]\ncountry = "Germany"\n', "[", None])
def test_settings_that_cannot_be_used(places: list[str], text: str | None) -> None:
    """Are a finding like any other, each problem with its words, not the end of the doctor."""
    file = Path(places[1])
    file.unlink()
    if text is not None:
        file.write_text(text)
    told = doctor(places)
    assert told.exit_code == 1
    assert "!!  settings" in told.stdout
    assert "sqlite" in told.stdout
