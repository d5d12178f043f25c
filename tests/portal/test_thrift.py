"""When memory is given back, and how much."""

from __future__ import annotations

import subprocess
import sys

from portal.thrift import Thrift

# Enough small objects for some arenas of the interpreter's and of the C library's allocator.
_CODE = """\
from pathlib import Path
from portal.thrift import give_back

def private():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Anonymous:")))

give_back()
before = private()
kept = [{str(n): [n] * 9 for n in range(50_000)}]
kept.append(kept)
most = private()
del kept
give_back()
print(before, most, private())
"""


def test_nothing_is_due_before_a_template_came() -> None:
    """Only templates that came since the last time are a reason."""
    compiled = [3]
    thrift = Thrift(lambda: compiled[0])

    due = [thrift.due]
    compiled[0] = 5
    due.append(thrift.due)
    thrift.look()
    due.append(thrift.due)

    assert due == [False, True, False]


def test_it_is_given_back() -> None:
    """What was in a circle, and referred to by nobody, is the system's again."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE], capture_output=True, text=True, check=True, timeout=60
    )
    before, most, after = map(int, done.stdout.split())

    assert most > before + 8_000
    assert after < before + (most - before) // 4
