"""Run one job in a fresh guest, with the checkout and its Python as they are on the host."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.lab import qemu
from tests.lab.image import CHECKOUT, Image

START: Final = Path(__file__).with_name("guest") / "start.sh"
# Booting, under emulation and on a busy machine; added to what the job itself may take.
BOOT_SECONDS: Final = 90


@dataclass(frozen=True, slots=True)
class Job:
    """A command for the guest: `seconds` are the host's, `share` is its writable folder.

    `disks` are images of disks, which stay as the guest leaves them. With `systemd` that is the
    guest's first process, and the command a unit of it. With `upper` all that is written goes to
    the first disk, and is there in the next guest that has it.
    """

    argv: tuple[str, ...]
    share: Path
    radios: int = 3
    seconds: int = 120
    disks: tuple[Path, ...] = ()
    systemd: bool = False
    upper: bool = False


class Lost(Exception):  # noqa: N818 - the guest went, and says no more
    """The guest ended, or was ended at its deadline, without its job's exit status."""


def run(
    image: Image,
    accelerator: tuple[str, ...],
    job: Job,
    *,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    started: Callable[[subprocess.Popen[bytes]], object] = lambda process: None,  # noqa: ARG005
) -> int:
    """The exit status of `job` in a fresh guest. Raises `Lost`.

    `started` is given the guest's process, so that others may end it.
    """
    job.share.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(START, job.share / "start.sh")
    (job.share / "job").write_text(script(image, job))
    status = job.share / "status"
    status.unlink(missing_ok=True)
    machine = qemu.Machine(image, accelerator, job.share, disks=job.disks, upper=job.upper)
    with qemu.running(machine, stdin, stdout) as process:
        started(process)
        try:
            process.wait(job.seconds + BOOT_SECONDS)
        except subprocess.TimeoutExpired:
            raise Lost(f"ended after {job.seconds} + {BOOT_SECONDS} s") from None
    if not status.exists():
        raise Lost("no exit status: see console.log")
    return int(status.read_text())


def script(image: Image, job: Job) -> str:
    """The shell words that guest/start.sh reads: what to show, and what to run."""
    values = {
        "LAB_CHECKOUT": CHECKOUT,
        "LAB_KERNEL": image.modules,
        "LAB_BUSYBOX": image.busybox,
        "LAB_FIRMWARE": image.firmware,
        "LAB_CLIENTS": image.clients,
        "LAB_RADIOS": job.radios,
        "LAB_DEADLINE": job.seconds + BOOT_SECONDS,
        "LAB_SYSTEMD": "yes" if job.systemd else "",
        "LAB_UPPER": "yes" if job.upper else "",
    }
    lines = [f"{name}={shlex.quote(str(value))}" for name, value in values.items()]
    lines += ["lab_see() {", *(f"  see {shlex.quote(str(path))}" for path in visible(image)), "}"]
    lines += ["lab_job() {", f"  {shlex.join(job.argv)}", "}", ""]
    return "\n".join(lines)


def visible(image: Image) -> list[Path]:
    """Folders of the host the guest must see, wherever they lie."""
    cached = [image.modules.parents[2], image.clients]
    return [CHECKOUT, Path(sys.prefix), Path(sys.base_prefix), *cached]
