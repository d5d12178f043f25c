"""`vestibule config`: a settings file is checked, and shown, before anything acts on it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotspot.__main__ import main

ROOT = Path(__file__).parents[3]
GOOD = '[radio]\ncountry = "DE"\npassphrase = "correct horse"\n'
BAD = '[radio]\ncountry = "DE"\nchannel = 15\nssod = "x"\n'


def test_a_good_file_is_said_to_be_good(tmp_path: Path) -> None:
    """One line, status 0."""
    file = tmp_path / "config.toml"
    file.write_text(GOOD)
    done = CliRunner().invoke(main, ["config", "check", str(file)])
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{file}: all good\n", "")


def test_every_problem_is_a_line(tmp_path: Path) -> None:
    """All that is wrong, a line each on standard error, status 2."""
    file = tmp_path / "config.toml"
    file.write_text(BAD)
    done = CliRunner().invoke(main, ["config", "check", str(file)])
    assert (done.exit_code, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{file}: radio.") for line in lines)
    assert any("radio.channel = 15: " in line for line in lines)
    assert any("did you mean radio.ssid?" in line for line in lines)


@pytest.mark.parametrize(
    ("content", "why", "remedy"),
    [
        (None, "does not exist", None),
        (b"\xff", "is not UTF-8 (byte 0)", "save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read(
    tmp_path: Path, content: bytes | None, why: str, remedy: str | None
) -> None:
    """What is wrong with the file itself is one line with its remedy, status 2."""
    file = tmp_path / "config.toml"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(main, ["config", "check", str(file)])
    remedy = remedy or (
        'write one with at least [radio] and country = "DE", or name another with --config'
    )
    assert (done.exit_code, done.stderr) == (2, f"{file} {why}: {remedy}\n")


def test_a_directory_is_no_settings_file(tmp_path: Path) -> None:
    """The system's own reason is told."""
    done = CliRunner().invoke(main, ["config", "check", str(tmp_path)])
    expected = f"{tmp_path} cannot be read (Is a directory): name a file that can be read\n"
    assert (done.exit_code, done.stderr) == (2, expected)


def test_what_is_shown_is_a_settings_file_without_secrets(tmp_path: Path) -> None:
    """Every setting with its value, defaults too; the passphrase is nowhere in it."""
    file = tmp_path / "config.toml"
    file.write_text(GOOD)
    done = CliRunner().invoke(main, ["config", "show", "--config", str(file)])
    assert done.exit_code == 0
    assert "correct horse" not in done.stdout
    shown = tomllib.loads(done.stdout)
    assert shown["radio"]["country"] == "DE"
    assert shown["network"]["address"] == "100.64.64.1/22"


def test_checking_loads_neither_netlink_nor_drawing(tmp_path: Path) -> None:
    """As a process of its own it answers the same, and pays for no other command."""
    file = tmp_path / "config.toml"
    file.write_text(GOOD)
    code = (
        "import sys; from hotspot.__main__ import main\n"
        f"main(['config', 'check', {str(file)!r}], standalone_mode=False)\n"
        "heavy = ('pyroute2', 'segno', 'hotspot.supervisor.supervise')\n"
        "print([n for n in heavy if n in sys.modules])"
    )
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"{file}: all good\n[]\n"
