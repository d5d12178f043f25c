"""The order on the disk: what is told has been synced before.

What a kill at every step leaves is in tests/torture/test_kill.py.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.torture.kill import Place, strace

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@needs_strace
def test_synced_before_it_is_told(tmp_path: Path) -> None:
    """Between the last write of a record's commit and its acknowledgement stand the syncs."""
    strace(tmp_path / "trace", tmp_path / "state", "submit", Place())
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
