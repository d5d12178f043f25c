"""`hotspot house`: the settings understood, the lock held, and the steward in its place."""

from __future__ import annotations

import fcntl
import os
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from hotspot.__main__ import main
from hotspot.commands import run
from hotspot.supervisor import foreground, lock

if TYPE_CHECKING:
    from pathlib import Path


class Became(Exception):  # noqa: N818 - what happened
    """The process would be another one now."""


def house(folder: Path, text: str) -> list[str]:
    """The words with which it would go on."""
    config = folder / "config.toml"
    config.write_text(text)
    places = ["--config", str(config), "--state", "/nowhere", "--runtime", str(folder / "run")]
    found = CliRunner().invoke(main, ["house", *places])
    if isinstance(found.exception, Became):
        words: list[str] = found.exception.args[0]
        return words
    raise AssertionError(found.output)


@pytest.fixture(autouse=True)
def stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is executed, and no radio asked."""

    def become(_path: str, words: list[str]) -> None:
        raise Became(words)

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(run, "_home_by", lambda *_: "")


def test_it_goes_on_as_the_steward(tmp_path: Path) -> None:
    """With what the settings say of the access point's comings and goings; it holds the lock, and
    what is kept is none of its business.
    """
    words = house(tmp_path, '[radio]\ncountry = "DE"\nlinger = 7\n')

    assert words[:4] == [sys.executable, "-I", "-m", "hotspot.units"]
    pairs = foreground.given(words[4:])
    assert foreground.run_from(pairs).linger == "7"
    held = int(pairs["--lock"])
    assert os.get_inheritable(held)
    with (tmp_path / "run" / "lock").open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(held)


def test_not_beside_another(tmp_path: Path) -> None:
    """Where a `vestibule run` has the adapter, it says so and does not begin."""
    (tmp_path / "run").mkdir()
    held = lock.take(tmp_path / "run")
    with pytest.raises(AssertionError, match="another vestibule is running"):
        house(tmp_path, '[radio]\ncountry = "DE"\n')
    os.close(held)
