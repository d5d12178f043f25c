"""`vestibule status` and `watch` on a run as a person has it, and on none."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotspot.__main__ import main
from tests.hotspot.demos import DEADLINE, ROOT, Demo, running


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all of them."""
    with running(tmp_path_factory.mktemp("demo")) as started:
        yield started


def words(demo: Demo, command: str) -> list[str]:
    """The command as a person types it, in the place of this demo."""
    return [sys.executable, "-m", "hotspot", command, "--runtime", str(demo.state / "run")]


def submitted(demo: Demo, ssid: str) -> None:
    """A set-up of a network, as the API takes it."""
    body = json.dumps({"ssid": ssid, "passphrase": "correct horse"})
    status, _, answer = demo.ask(
        "POST", "/api/v1/setup", {"Content-Type": "application/json"}, body
    )
    assert status == 202, answer


def read_until(stream: int, word: bytes) -> bytes:
    """What comes, until a word is among it."""
    seen, deadline = b"", time.monotonic() + DEADLINE
    while word not in seen:
        assert select.select([stream], [], [], deadline - time.monotonic())[0], seen
        more = os.read(stream, 65536)
        assert more, seen
        seen += more
    return seen


def test_nothing_runs(tmp_path: Path) -> None:
    """Said in two lines, and no failure: how things stand is that nothing does."""
    places = ["--runtime", str(tmp_path), "--state", str(tmp_path / "state")]
    told = CliRunner().invoke(main, ["status", *places])
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "access point  not running: sudo vestibule run, or systemctl start vestibule.target",
        "records       none",
    ]
    document = json.loads(CliRunner().invoke(main, ["status", "--json", *places]).stdout)
    assert (document["state"], document["run"], document["stations"]) == ("stopped", None, [])


def test_the_records_are_those_of_the_run(demo: Demo) -> None:
    """Without --state it is the run that says where they are; a join is told with its outcome."""
    submitted(demo, "Home Sweet Home")
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        done = subprocess.run(
            [*words(demo, "status"), "--json"], cwd=ROOT, capture_output=True, check=True
        )
        found = json.loads(done.stdout)
        if found["join"] and found["join"]["outcome"] and "delivered" in found["records"]["states"]:
            break
    assert found["records"]["states"] == {"delivered": 1}
    assert found["run"] == demo.process.pid
    assert found["join"]["outcome"] == "connected"
    assert found["kept"]["ssid"] == b"Home Sweet Home".hex()


def test_watch_prints_what_happens(demo: Demo) -> None:
    """Into a pipe a line for each change, with its time; Ctrl-C ends it as if it had succeeded."""
    watch = subprocess.Popen(
        words(demo, "watch"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with watch:
        assert watch.stdout
        assert watch.stderr
        first = read_until(watch.stdout.fileno(), b"records ")
        assert b"access point  on the air" in first
        submitted(demo, "Nobodys")
        read_until(watch.stdout.fileno(), b"home network  Nobodys")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(DEADLINE) == 0
        assert watch.stderr.read() == b""


def test_watch_on_a_narrow_terminal(demo: Demo) -> None:
    """One screen, no line broken, the cursor given back at the end."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "30", "LINES": "8", "TERM": "xterm"}
    watch = subprocess.Popen(
        words(demo, "watch"), cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    with watch:
        os.close(theirs)
        seen = read_until(ours, b"Ctrl-C")
        watch.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # EIO: the other end is gone
            while more := os.read(ours, 65536):
                seen += more
        assert watch.wait(DEADLINE) == 0
    os.close(ours)
    assert seen.startswith(b"\x1b[?25l")
    assert seen.rstrip().endswith(b"\x1b[?25h")
    assert b"Traceback" not in seen
    drawn = seen.split(b"\x1b[H")[1].replace(b"\x1b[K", b"").replace(b"\r", b"").split(b"\x1b[J")[0]
    lines = drawn.decode().splitlines()
    assert len(lines) <= 7
    assert all(len(line) <= 30 for line in lines)
    assert lines[0].startswith("access point  on the air")
