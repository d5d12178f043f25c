"""A lease by udhcpc, busybox's DHCP client: asked for on the station interface, put nowhere.

udhcpc speaks through a packet socket, so the interface needs no address for it, and this
machine's own network does not change. What it is given goes to `hotspot.uplink.lease`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from hotspot.uplink import lease
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.supplicant import ended
from hotspot.uplink.waiting import Over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A DISCOVER each 2 s: routers answer within 0.1 to 3 s (some try the address by ping first), and
# what is lost to a phone's page on the same radio is soon asked again.
_TRIES: Final = 7
_EACH_SECONDS: Final = 2
_CLIENT_IDENTIFIER: Final = "0x3d:01"  # option 61, of type Ethernet (RFC 2132 9.14)


def argv(interface: str, hardware: bytes, hostname: str, python: str) -> list[str]:
    """udhcpc's argument vector: one lease, then it ends; without one it ends with 1.

    `hardware` is the address by which the machine will join for good: as client identifier it
    brings the same lease then (RFC 2131 4.2).
    """
    client = ["udhcpc"] if shutil.which("udhcpc") else ["busybox", "udhcpc"]
    words = [*client, "-f", "-q", "-n", "-t", str(_TRIES), "-T", str(_EACH_SECONDS)]
    words += ["-i", interface, "-s", python, "-x", f"{_CLIENT_IDENTIFIER}{hardware.hex()}"]
    # Routers list their clients by it. Theirs and our rules for names are the same (RFC 952).
    return [*words, "-x", f"hostname:{hostname}"] if hostname else words


def ask(words: list[str], folder: Path, wait: Callable[[int, float], bool], until: float) -> Lease:
    """The lease that udhcpc, started as `words`, gets. Raises `Over` NO_ADDRESS.

    `wait(descriptor, deadline)` says whether the descriptor became readable in time.
    """
    (folder / lease.FILE).unlink(missing_ok=True)
    for event in lease.EVENTS:
        with contextlib.suppress(FileExistsError):
            (folder / event).symlink_to(lease.__file__)
    with _running(words, folder) as descriptor:
        wait(descriptor, until)
    try:
        return lease.from_json((folder / lease.FILE).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        raise Over(Outcome.NO_ADDRESS) from None


@contextlib.contextmanager
def _running(words: list[str], folder: Path) -> Iterator[int]:
    """A descriptor that is readable when udhcpc has ended. What it says goes to our log."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        process = subprocess.Popen(
            words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
    except OSError as error:
        what = f"udhcpc cannot be started ({error.strerror}): install udhcpc"
        raise Over(Outcome.FAILED, what=what) from error
    descriptor = os.pidfd_open(process.pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        ended(process)
