"""Reading strace: each call that matters, in its order, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.torture import trace
from tests.torture.test_powercut import pytestmark as needs_strace
from tests.torture.trace import Named, Resized, Synced, Told, Unnamed, Wrote

PROGRAM = """
import os, sys
folder = sys.argv[1]
a = os.open(folder + "/a", os.O_CREAT | os.O_RDWR)
os.write(a, b"on")
os.write(a, b"e")
os.pwrite(a, b"\\0\\xff\\"", 512)
os.ftruncate(a, 3)
os.fsync(a)
os.write(1, b"told\\n")
os.rename(folder + "/a", folder + "/b")
os.fsync(os.open(folder, os.O_RDONLY))
os.mkdir(folder + "/c")
os.unlink(folder + "/b")
"""

pytestmark = needs_strace


def test_every_call_is_read(tmp_path: Path) -> None:
    """A program's own calls come back as acts, octets and all."""
    state = tmp_path / "state"
    state.mkdir()
    a, b = f"{state}/a", f"{state}/b"

    found = trace.acts([sys.executable, "-c", PROGRAM, str(state)], state, tmp_path / "log")

    assert found == [
        Named(a),
        Wrote(a, 0, b"on"),
        Wrote(a, 2, b"e"),
        Wrote(a, 512, b'\0\xff"'),
        Resized(a, 3),
        Synced(a),
        Told("told"),
        Named(b, a),
        Synced(str(state)),
        Named(f"{state}/c/"),
        Unnamed(b),
    ]


def test_a_program_that_fails_is_no_trace(tmp_path: Path) -> None:
    """What did not run to its end says nothing."""
    with pytest.raises(AssertionError):
        trace.acts([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, tmp_path / "log")
