"""What the guest is told survives any path, and shows it every folder it needs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab import guestrun
from tests.lab.image import CHECKOUT, Image

IMAGE = Image(
    Path("/c/kernel"),
    Path("/c/initrd"),
    Path("/it's a $cache/lib/modules/6.1.0"),
    Path("/c/busybox"),
    Path("/c/firmware"),
    Path("/c/clients"),
)


def test_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A shell that reads the job gets each path and each word of the command unchanged."""
    words = ("printf", "%s|", "two words", "it's", "$HOME", "*")
    job = tmp_path / "job"
    job.write_text(guestrun.script(IMAGE, guestrun.Job(words, tmp_path, radios=2)))
    reader = 'see() { echo "$1"; }; . "$1"; echo "$LAB_KERNEL" "$LAB_RADIOS"; lab_see; lab_job'
    done = subprocess.run(
        ["sh", "-c", reader, "sh", str(job)], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "/it's a $cache/lib/modules/6.1.0 2"
    assert str(CHECKOUT) in lines
    assert "/it's a $cache" in lines
    assert "/c/clients" in lines
    assert lines[-1] == "two words|it's|$HOME|*|"
