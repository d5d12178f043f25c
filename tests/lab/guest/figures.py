"""What processes cost: memory, and what they do while nobody asks anything of them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.lab.guest.appliance import named, pss

_TICKS: Final = os.sysconf("SC_CLK_TCK")
# /proc/PID/stat after the name in brackets: utime and stime are fields 14 and 15 (proc(5)).
_UTIME: Final = 11
# /sys/block/…/stat: the seventh field is sectors written, of 512 bytes (Documentation/block/stat).
_WRITTEN: Final = 6


@dataclass(frozen=True, slots=True)
class Idle:
    """Of some seconds in which nothing was asked: processor time, how often any of the processes
    was run, both a second, and bytes written to the disk.
    """

    milliseconds: float
    wakeups: float
    most: float
    written: int


def memory(pids: Sequence[int]) -> dict[str, float]:
    """MiB (PSS) of each, by name and number."""
    found = {}
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            found[f"{' '.join(named(words))} ({pid})"] = round(pss(pid) / 1024, 1)
    return found


def idle(pids: Sequence[int], disk: str, seconds: float) -> Idle:
    """What they do by themselves; `disk` is the one with what they keep."""
    os.sync()
    before, written = {pid: _spent(pid) for pid in pids}, sectors(disk)
    time.sleep(seconds)
    after = {pid: _spent(pid) for pid in pids}
    os.sync()
    runs = [after[pid][1] - before[pid][1] for pid in pids]
    ticks = sum(after[pid][0] - before[pid][0] for pid in pids)
    return Idle(
        milliseconds=ticks / _TICKS * 1000 / seconds,
        wakeups=sum(runs) / seconds,
        most=max(runs) / seconds,
        written=512 * (sectors(disk) - written),
    )


def sectors(disk: str) -> int:
    """Written to the disk until now."""
    return int(Path(f"/sys/block/{disk}/stat").read_text().split()[_WRITTEN])


def _spent(pid: int) -> tuple[int, int]:
    """Clock ticks of processor time, and how often its threads were given a processor."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    switches = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            status = (task / "status").read_text()
            switches += sum(
                int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line
            )
    return int(stat[_UTIME]) + int(stat[_UTIME + 1]), switches
