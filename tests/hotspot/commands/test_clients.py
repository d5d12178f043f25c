"""`vestibule clients`: another program knows who is here; this process becomes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "STATE\n100.64.64.20  02:00:00:00:01:00  -     captive\n"), (["--json"], '"captive"')],
)
def test_it_lists_who_is_here(tmp_path: Path, words: list[str], said: str) -> None:
    """Its words reach the other program; a relative directory is the person's own."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "dnsmasq.leases").write_text("9 02:00:00:00:01:00 100.64.64.20 * *\n")
    argv = [sys.executable, "-m", "hotspot", "clients", "--runtime", "here", *words]
    done = subprocess.run(
        argv,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout
