"""`vestibule records`: another process knows the records; this one becomes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotspot.__main__ import main
from hotspot.settings import DEFAULT_RUNTIME

ROOT = Path(__file__).parents[3]


class Became(Exception):  # noqa: N818 - what would have happened
    """The process has become another program."""


@pytest.fixture
def becomes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the process would have become: its argument vector."""
    words: list[str] = []

    def execv(path: str, argv: list[str]) -> None:
        words.extend([path, *argv[1:]])
        raise Became

    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.chdir(Path.cwd())
    return words


@pytest.mark.parametrize(
    "words",
    [["list"], ["list", "--json"], ["show", "01a1"], ["export", "--json"], ["--help"], []],
)
def test_its_words_are_handed_on(becomes: list[str], tmp_path: Path, words: list[str]) -> None:
    """Every word reaches the other program, with the state directory by its full name."""
    done = CliRunner().invoke(main, ["records", *words, "--state", str(tmp_path)])
    assert isinstance(done.exception, Became)
    program = [sys.executable, "-m", "portal.provisioning", "records"]
    assert becomes == [*program, *words, "--state", str(tmp_path), "--runtime", DEFAULT_RUNTIME]


def test_relative_paths_stay_true(
    becomes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks for its modules where ours are, not where the person stands."""
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["records", "list", "--state", "here"])
    assert becomes[-4:-2] == ["--state", str(tmp_path / "here")]
    assert Path.cwd() == ROOT
