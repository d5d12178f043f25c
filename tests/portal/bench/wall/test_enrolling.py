"""`vestibule bench people`."""

from __future__ import annotations

import argparse
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from portal.bench.wall import enrolling, pins
from portal.bench.wall.people import People, Role

PROGRAM = """
import argparse, pathlib, sys
from portal.bench.wall import enrolling
common = argparse.ArgumentParser(add_help=False)
common.add_argument("--state", type=pathlib.Path)
common.add_argument("--json", action="store_true")
parser = argparse.ArgumentParser()
enrolling.install(parser.add_subparsers(required=True), common)
arguments = parser.parse_args()
sys.exit(arguments.run(arguments))
"""


def run(state: Path, *words: str, pin: str = "") -> subprocess.CompletedProcess[str]:
    """One command, with the PIN from a pipe."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "people", *words, "--state", str(state)],
        input=pin, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_first_lead(tmp_path: Path) -> None:
    """By a pipe; the list shows names and roles, and no PIN is said anywhere."""
    added = run(tmp_path, "add", "Ada Lovelace", "--role", "lead", pin="271828\n")
    listed = run(tmp_path, "list", "--json")

    assert (added.returncode, added.stdout, added.stderr) == (0, "", "")
    assert json.loads(listed.stdout) == [{"name": "Ada Lovelace", "role": "lead"}]
    ada = People(tmp_path / enrolling.FILE).find("ada lovelace")
    assert ada is not None
    assert pins.matches("271828", ada.pin)


def test_what_cannot_be_done(tmp_path: Path) -> None:
    """Is told on stderr, with status 1: a weak PIN, a name that is had or that is none."""
    run(tmp_path, "add", "Ada", "--role", "lead", pin="271828")
    for words, pin, said in (
        (["add", "Ben"], "123456", "anybody would try"),
        (["add", "Ben"], "", "6 to 32 digits"),
        (["add", "ada"], "314159", "already"),
        (["remove", "Ada"], "", "last lead"),
        (["pin", "Nobody"], "314159", "nobody of that name"),
    ):
        done = run(tmp_path, *words, pin=pin)
        assert (done.returncode, said in done.stderr) == (1, True)


def test_another_pin_and_gone(tmp_path: Path) -> None:
    """Changed, then removed."""
    People(tmp_path / enrolling.FILE).add("Ben", Role.TECHNICIAN, "271828")
    assert run(tmp_path, "pin", "Ben", pin="314159").returncode == 0
    ben = People(tmp_path / enrolling.FILE).find("Ben")
    assert ben is not None
    assert pins.matches("314159", ben.pin)
    assert run(tmp_path, "remove", "Ben").returncode == 0
    assert run(tmp_path, "list").stdout == ""


@pytest.mark.parametrize(("second", "status"), [("271828", 0), ("271829", 1)])
def test_asked_twice(tmp_path: Path, second: str, status: int) -> None:
    """At a terminal, without showing what is typed; two that differ are none."""
    leader, follower = pty.openpty()
    argv = [sys.executable, "-c", PROGRAM, "people", "add", "Ada", "--state", str(tmp_path)]
    with subprocess.Popen(
        argv, stdin=follower, stdout=follower, stderr=follower, start_new_session=True
    ) as process:
        os.close(follower)
        shown = _answered(leader, ["271828", second])
        assert process.wait(30) == status
    os.close(leader)

    assert "271828" not in shown
    assert len(People(tmp_path / enrolling.FILE).all()) == 1 - status


def _answered(terminal: int, answers: Sequence[str]) -> str:
    """All that is shown, while each prompt gets its answer."""
    shown, left = "", list(answers)
    while True:
        try:
            data = os.read(terminal, 1024)
        except OSError:  # Linux: the other side is closed
            return shown
        if not data:
            return shown
        shown += data.decode()
        if left and shown.count(": ") > len(answers) - len(left):
            os.write(terminal, f"{left.pop(0)}\n".encode())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_writes_as_the_owner_of_the_state(tmp_path: Path) -> None:
    """Else the portal, which is not root, could not read it."""
    state = tmp_path / "state"
    state.mkdir()
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    os.chown(state, 65534, 65534)
    run(state, "add", "Ada", "--role", "lead", pin="271828")

    assert (state / enrolling.FILE).stat().st_uid == 65534
    assert (state / "bench").stat().st_uid == 65534


def test_no_pin_is_an_argument() -> None:
    """Whoever writes one there is refused, and it is not taken."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--state", type=Path)
    common.add_argument("--json", action="store_true")
    parser = argparse.ArgumentParser()
    enrolling.install(parser.add_subparsers(required=True), common)
    with redirect_stderr(io.StringIO()), pytest.raises(SystemExit):
        parser.parse_args(["people", "add", "Ada", "271828"])
