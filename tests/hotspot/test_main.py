"""The `vestibule` command: what it offers, and how it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotspot.__main__ import _COMMANDS, main

ROOT = Path(__file__).parents[2]
STEPS = ("prepare", "selftest", "wait", "ready", "restore")


def vestibule(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    argv = [sys.executable, "-m", "hotspot", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_help_is_for_people() -> None:
    """It names what a person may want, and none of the steps that are for other programs."""
    done = vestibule("--help")
    assert done.returncode == 0
    listed = [
        line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line
    ]
    assert listed == [*_COMMANDS]
    assert {"run", "doctor", "status", "join", "records"} <= {*listed}
    assert not {*STEPS} & {*listed}


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_there(step: str) -> None:
    """What the supervisor and the units start exists, hidden or not."""
    done = CliRunner().invoke(main, [step, "--help"])
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: main {step} ")


def test_the_version_is_one_line() -> None:
    """`vestibule --version` says who it is."""
    done = vestibule("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("vestibule ")
    assert done.stdout.count("\n") == 1


def test_an_unknown_command_is_usage() -> None:
    """Status 2, and no traceback."""
    done = vestibule("fly")
    assert done.returncode == 2
    assert "No such command 'fly'" in done.stderr


def test_a_refusal_of_a_step_is_one_line(free_port: int) -> None:
    """A process of its own: its words on standard error, its status, nothing else."""
    done = vestibule("config", "check", f"/no/such/{free_port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
