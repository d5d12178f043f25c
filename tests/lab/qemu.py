"""Boot the guest in QEMU and wait for it to power itself off.

KVM is used where a guest really boots with it: /dev/kvm may open and yet hang or refuse
(nested virtualisation), so a probe boot decides, once per boot of the host. Else QEMU
emulates, one thread per processor.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.lab.image import Image

KVM: Final = ("-accel", "kvm", "-cpu", "host")
TCG: Final = ("-accel", "tcg,thread=multi", "-cpu", "max")
KVM_GET_API_VERSION: Final = 0xAE00  # linux/kvm.h; the answer has been 12 since 2007
PROBE_SECONDS: Final = 10.0
WORKING: Final = b"lab: the accelerator works"


@dataclass(frozen=True, slots=True)
class Machine:
    """One guest to be: its files, its writable share, and where its console goes."""

    image: Image
    accelerator: tuple[str, ...]
    share: Path
    memory: int = 1536  # MiB
    processors: int = 2
    disks: tuple[Path, ...] = ()  # raw images that outlive it: /dev/vda and on
    upper: bool = False  # whatever is written goes to the first of them


def accelerator(image: Image, cache: Path) -> tuple[str, ...]:
    """KVM if a guest boots with it here, else emulation. Remembered until the host reboots."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    memory = cache / "accelerator"
    with contextlib.suppress(OSError):
        known, _, choice = memory.read_text().partition(" ")
        if known == boot:
            return KVM if choice == "kvm" else TCG
    works = _kvm_opens() and _kvm_boots(image)
    memory.write_text(f"{boot} {'kvm' if works else 'tcg'}")
    return KVM if works else TCG


def _kvm_opens() -> bool:
    try:
        descriptor = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return fcntl.ioctl(descriptor, KVM_GET_API_VERSION) == 12
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _kvm_boots(image: Image) -> bool:
    argv = [*_common(KVM, image, "lab.probe"), "-m", "256", "-serial", "stdio"]
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return WORKING in done.stdout


def _common(accelerator: tuple[str, ...], image: Image, words: str) -> list[str]:
    # The guest dies with us, however we die.
    argv = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *accelerator]
    argv += ["-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot"]
    argv += ["-kernel", str(image.kernel), "-initrd", str(image.initrd)]
    # Nobody attacks the guest's processor, and under emulation its clock is the emulator's.
    # A panic ends the guest at once instead of holding it until its deadline.
    # On a busy machine the emulated timer is late, and the kernel's check of it ends in a panic.
    fixed = "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check"
    return [*argv, "-append", f"{fixed} {words}".strip()]


def argv(machine: Machine) -> list[str]:
    """The whole command line: console to a file, the job's terminal to our own stdio."""
    # In QEMU's options a comma is written twice.
    quoted = str(machine.share).replace(",", ",,")
    return [
        *_common(machine.accelerator, machine.image, "lab.upper" if machine.upper else ""),
        *("-m", str(machine.memory), "-smp", str(machine.processors)),
        *("-chardev", f"file,id=console,path={quoted}/console.log", "-serial", "chardev:console"),
        *("-chardev", "stdio,id=job,signal=off", "-serial", "chardev:job"),
        *("-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"),
        *("-virtfs", f"local,path={quoted},mount_tag=share,security_model=none,multidevs=remap"),
        *itertools.chain.from_iterable(map(_disk, machine.disks)),
    ]


def _disk(image: Path) -> tuple[str, str]:
    # What the guest has written is in the file at once, and there when QEMU is killed; what it
    # only had in its own memory is gone, as on a machine.
    path = str(image).replace(",", ",,")
    return "-drive", f"file={path},format=raw,if=virtio,cache=writeback"


@contextlib.contextmanager
def running(
    machine: Machine, stdin: int | IO[bytes], stdout: int | IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """The guest's QEMU process; ended, if it has not ended itself, when the block is left."""
    with subprocess.Popen(argv(machine), stdin=stdin, stdout=stdout) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
            if process.poll() is None:
                process.kill()


def remaining(deadline: float) -> float:
    """Seconds until `deadline` on the monotonic clock, never below nothing."""
    return max(0.0, deadline - time.monotonic())
