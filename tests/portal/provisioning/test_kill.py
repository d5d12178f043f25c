"""kill -9 at every step of submit and deliver: nothing acknowledged is lost, nothing doubled."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from portal.provisioning.__main__ import main
from portal.provisioning.record import from_json
from portal.provisioning.store import Store
from portal.provisioning.withheld import bare

# Two records are submitted and acknowledged, then delivered. Every id is told only after
# its accept: what the test sees is what a person was told.
CYCLE = """
import os, sys
from pathlib import Path
from portal.provisioning.__main__ import main
from portal.provisioning.outbox import DurableOutbox
from portal.provisioning.store import Store
from portal.provisioning.withheld import bare
from tests.portal.provisioning.fakes import a_record

state = Path(sys.argv[1])
with Store(state / "records.db") as store:
    outbox = DurableOutbox(store, ["keep"], state / "deliver.sock")
    for _ in range(2):
        record = a_record()
        outbox.accept(record)
        os.write(1, f"{record.id}\\n".encode())
sys.exit(main(["deliver", "--state", str(state)]))
"""
CALLS = {
    "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "mkdir", "sendto",
    "flock", "close",
}  # fmt: skip
# Of some 260 steps: each of the rare calls, and one in so many of the frequent ones. All of
# them (1) take a minute.
STRIDE = 20
FREQUENT = {"pwrite64", "fdatasync", "openat", "close", "flock"}

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def strace(trace: Path, state: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the cycle under strace."""
    argv = [
        "strace",
        "-f",
        "-y",
        "-o",
        str(trace),
        "-e",
        f"trace={','.join(sorted(CALLS))}",
        *options,
    ]
    return subprocess.run(
        [*argv, sys.executable, "-c", CYCLE, str(state)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def steps(trace: Path, state: Path) -> list[tuple[str, int]]:
    """The calls of a whole cycle that touch the state or tell somebody, as (call, number)."""
    seen: Counter[str] = Counter()
    found = []
    for line in trace.read_text().splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match is None:
            continue
        call, rest = match.groups()
        seen[call] += 1
        if str(state) in rest or call == "sendto" or (call == "write" and rest[0] in "12"):
            found.append((call, seen[call]))
    return found


def check(state: Path, acknowledged: list[str]) -> None:
    """What there is, is whole; and after a new start all that was told of arrived, once."""
    for path in (state / "delivered").glob("*.json"):
        from_json(path.read_bytes())
    assert main(["deliver", "--state", str(state)]) == 0
    with Store(state / "records.db") as store:
        entries = list(store.records())
    documents = {path.name: path for path in (state / "delivered").glob("*")}

    assert set(acknowledged) <= {entry.life.id for entry in entries}
    assert {entry.life.state for entry in entries} <= {"delivered"}
    assert documents.keys() == {f"{entry.life.id}.json" for entry in entries}
    for entry in entries:
        assert bare(from_json(documents[f"{entry.life.id}.json"].read_bytes())) == entry.record
    with closing(sqlite3.connect(state / "records.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@needs_strace
def test_killed_at_every_step(tmp_path: Path) -> None:
    """At whichever call the process dies, before it is made, the next start makes it good."""
    whole = strace(tmp_path / "whole", tmp_path / "whole-state")
    assert whole.returncode == 0, whole.stderr
    every = steps(tmp_path / "whole", tmp_path / "whole-state")
    assert len(every) > 100
    assert {call for call, _ in every} == CALLS

    rare = [step for step in every if step[0] not in FREQUENT]
    frequent = [step for step in every if step[0] in FREQUENT]
    for number, (call, when) in enumerate([*rare, *frequent[::STRIDE]]):
        state = tmp_path / f"state-{number}"
        inject = ("-e", f"inject={call}:signal=SIGKILL:when={when}")
        killed = strace(tmp_path / "trace", state, *inject)
        assert killed.returncode == -9, f"{call} {when}: {killed.stderr}"
        check(state, killed.stdout.split())


@needs_strace
def test_synced_before_it_is_told(tmp_path: Path) -> None:
    """Between the last write of a record's commit and its acknowledgement stand the syncs."""
    strace(tmp_path / "trace", tmp_path / "state")
    made = re.findall(r"(?m)^\d+ +(\w+)\((\d+)<[^>]*?([^/>]*)>", (tmp_path / "trace").read_text())
    told = [n for n, (call, number, _) in enumerate(made) if (call, number) == ("write", "1")]
    second = [(call, name) for call, _, name in made[told[0] + 1 : told[1]]]
    synced = [step for step in second if step[0] != "close" and step[1].startswith("records.db")]

    assert len(told) == 2
    assert synced[-4:] == [
        ("pwrite64", "records.db"),
        ("fdatasync", "records.db"),
        ("ftruncate", "records.db-journal"),
        ("fdatasync", "records.db-journal"),
    ]
