"""The commands themselves: what they refuse, and with which status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from hotspot import hostapd
from hotspot.__main__ import main
from hotspot.machine import journal
from hotspot.machine.journal import Journal
from tests.hotspot.daemons import FakeDaemon
from tests.hotspot.test_plan import FRESH

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(verb: str, tmp_path: Path, text: str = '[radio]\ncountry = "DE"\n') -> Result:
    """The command with its three places below `tmp_path`."""
    (tmp_path / "config.toml").write_text(text)
    places = {"--config": "config.toml", "--state": "state", "--runtime": "run"}
    words = [word for option, name in places.items() for word in (option, str(tmp_path / name))]
    return CliRunner().invoke(main, [verb, *words])


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """A runtime directory in which `prepare` has been at work on wlan0."""
    runtime = tmp_path / "run"
    (runtime / hostapd.CONTROL).mkdir(parents=True)
    journal.write(runtime, Journal(FRESH))
    return runtime


def test_settings_come_first(tmp_path: Path) -> None:
    """Settings that cannot be used: status 2, one line each, and nothing made."""
    result = run("prepare", tmp_path, "[radio]\nchannel = 15\n")

    assert result.exit_code == 2
    assert "radio.channel = 15" in result.stderr
    assert "radio.country = missing" in result.stderr
    assert not (tmp_path / "run").exists()


def test_wait_until_it_is_on_the_air(tmp_path: Path, runtime: Path) -> None:
    """wait ends well when hostapd has said so."""
    with FakeDaemon(runtime / hostapd.CONTROL / "wlan0"):
        result = run("wait", tmp_path)

    assert (result.exit_code, result.stderr) == (0, "")


def test_wait_when_hostapd_gives_up(tmp_path: Path, runtime: Path) -> None:
    """One line with the remedy, status 1."""
    with FakeDaemon(runtime / hostapd.CONTROL / "wlan0", {"STATUS": "state=DISABLED\n"}):
        result = run("wait", tmp_path)

    assert result.exit_code == 1
    assert result.stderr.startswith("the access point did not start (hostapd gave up")
    assert result.stderr.count("\n") == 1


def test_wait_for_nothing(tmp_path: Path) -> None:
    """Without a prepare there is nothing to wait for."""
    result = run("wait", tmp_path)

    assert result.exit_code == 1
    assert "nothing is prepared" in result.stderr


@pytest.mark.parametrize("verb", ["restore", "wait"])
def test_a_damaged_journal(tmp_path: Path, runtime: Path, verb: str) -> None:
    """Said in one line, and left for a person to see."""
    (runtime / journal.FILE).write_text(json.dumps({"before": 1}))

    result = run(verb, tmp_path)

    assert result.exit_code == 1
    assert "damaged" in result.stderr
    assert (runtime / journal.FILE).exists()


def test_restore_with_nothing_to_restore(tmp_path: Path) -> None:
    """Before any prepare, restore is content."""
    result = run("restore", tmp_path)

    assert (result.exit_code, result.output) == (0, "")


def test_they_are_not_for_people() -> None:
    """The help names what a person may want, and none of these."""
    listed = CliRunner().invoke(main, ["--help"]).output

    assert "run" in listed
    assert not {"prepare", "wait", "restore"} & {*listed.split()}
