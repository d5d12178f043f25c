"""Programs that stand still: a stopped one, and a question that nobody takes."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from hotspot.units import stuck

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "vestibule-ap.service"


def group(root: Path, *pids: int) -> str:
    """A control group of a unit with these processes."""
    (root / UNIT).mkdir()
    (root / UNIT / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))
    return str(root)


def test_a_stopped_process(tmp_path: Path) -> None:
    """SIGSTOP shows, SIGCONT ends it; a process that runs or has ended is not stuck."""
    with subprocess.Popen(["sleep", "60"]) as process:
        groups = group(tmp_path, os.getpid(), process.pid)
        assert not stuck.is_stopped(UNIT, groups)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert stuck.is_stopped(UNIT, groups)
        process.send_signal(signal.SIGCONT)
        os.waitid(os.P_PID, process.pid, os.WCONTINUED)
        assert not stuck.is_stopped(UNIT, groups)
        process.kill()
    assert not stuck.is_stopped(UNIT, groups)


def test_no_such_unit(tmp_path: Path) -> None:
    """A unit without a control group has nothing that could stand still."""
    assert not stuck.is_stopped(UNIT, str(tmp_path))


HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
LINE = "  61: {local} 00000000:0000 07 00000000:{queue} 00:00000000 00000000     0        0 20853"


@pytest.mark.parametrize(
    ("local", "queue", "waits"),
    [
        ("00000000:0043", "00000000", False),
        ("00000000:0043", "00000340", True),
        ("00000000:0035", "00000340", False),
    ],
)
def test_a_question_that_nobody_takes(
    tmp_path: Path,
    local: str,
    queue: str,
    waits: bool,  # noqa: FBT001 - a table's column
) -> None:
    """What counts is the receive queue of port 67."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "udp").write_text(f"{HEAD}\n{LINE.format(local=local, queue=queue)}\n")
    assert stuck.waits(str(tmp_path)) is waits


def test_lines_that_are_none(tmp_path: Path) -> None:
    """A short line, or no file at all, says nothing."""
    assert not stuck.waits(str(tmp_path))
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "udp").write_text(f"{HEAD}\n  61: x\n")
    assert not stuck.waits(str(tmp_path))
