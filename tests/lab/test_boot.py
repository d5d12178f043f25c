"""A machine with the package, booted: it is on the air by itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.lab import guestrun, package, telling
from tests.lab.guestrun import Job

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.telling import Theatre

SECONDS: Final = {"install": 600, "boot": 600}
MEBIBYTES: Final = 400


@pytest.mark.lab
@pytest.mark.long
def test_after_a_boot(theatre: Theatre) -> None:
    """Installed in one life of a machine; in the next nobody does anything, and a phone joins,
    is shown the page, and its person's answers arrive.
    """
    package.built()
    logs = telling.LOGS / "boot"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    disk = logs / "disk.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", str(disk), f"{MEBIBYTES}M"], check=True)
    try:
        for life, seconds in SECONDS.items():
            run(theatre, life, seconds, logs, disk)
    finally:
        disk.unlink()


def run(theatre: Theatre, life: str, seconds: int, logs: Path, disk: Path) -> None:
    """One life, which must be a good one."""
    argv = (sys.executable, "-m", "tests.lab.guest.booting", life)
    job = Job(argv, logs / life, 2, seconds, disks=(disk,), systemd=True, upper=True)
    with (logs / f"{life}.log").open("wb") as output:
        status = guestrun.run(theatre.image, theatre.accelerator, job, stdout=output)
    assert status == 0, (logs / f"{life}.log").read_text()
