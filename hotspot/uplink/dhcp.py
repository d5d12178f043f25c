"""A lease by udhcpc, busybox's DHCP client: asked for on the station interface, put nowhere.

udhcpc speaks through a packet socket, so the interface needs no address for it, and this
machine's own network does not change. Its script is `true`: what it was given we read from the
server's own packet, beside it. No shell, and no second program to wait for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from hotspot.uplink import lease
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.supplicant import ended
from hotspot.uplink.waiting import Over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotspot.uplink.lease import Lease

# A DISCOVER each 2 s: routers answer within 0.1 to 3 s (some try the address by ping first), and
# what is lost to a phone's page on the same radio is soon asked again.
_TRIES: Final = 7
_EACH_SECONDS: Final = 2
_CLIENT_IDENTIFIER: Final = "0x3d:01"  # option 61, of type Ethernet (RFC 2132 9.14)
_IPV4: Final = 0x0800  # ETH_P_IP, linux/if_ether.h
_LARGEST: Final = 65_536


def argv(interface: str, hardware: bytes, hostname: str) -> list[str]:
    """udhcpc's argument vector: one lease, then it ends; without one it ends with 1.

    `hardware` is the address by which the machine will join for good: as client identifier it
    brings the same lease then (RFC 2131 4.2).
    """
    client = ["udhcpc"] if shutil.which("udhcpc") else ["busybox", "udhcpc"]
    words = [*client, "-f", "-q", "-n", "-t", str(_TRIES), "-T", str(_EACH_SECONDS)]
    words += ["-i", interface, "-s", shutil.which("true") or "/bin/true"]
    words += ["-x", f"{_CLIENT_IDENTIFIER}{hardware.hex()}"]
    # Routers list their clients by it.
    return [*words, "-x", f"hostname:{hostname}"] if hostname else words


def ask(
    words: list[str], interface: str, wait: Callable[[int, float], bool], until: float
) -> Lease:
    """The lease that udhcpc, started as `words`, gets on `interface`. Raises `Over` NO_ADDRESS.

    `wait(descriptor, deadline)` says whether the descriptor became readable in time. Raises
    `OSError` when the interface is gone.
    """
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as beside:
        beside.setblocking(False)
        beside.bind((interface, _IPV4))
        hardware = beside.getsockname()[4]
        with _running(words) as process, _descriptor(process) as descriptor:
            has_ended = wait(descriptor, until)
            got_one = has_ended and process.wait() == 0
        found = [lease.acknowledged(packet, hardware) for packet in _received(beside)]
    known = [one for one in found if one is not None]
    if not got_one or not known:
        raise Over(Outcome.NO_ADDRESS)
    return known[-1]


def _received(beside: socket.socket) -> Iterator[bytes]:
    """What has come in by now."""
    with contextlib.suppress(BlockingIOError):
        while True:
            yield beside.recv(_LARGEST)


@contextlib.contextmanager
def _running(words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """udhcpc; what it says goes to our log."""
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    try:
        process = subprocess.Popen(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
    except OSError as error:
        what = f"udhcpc cannot be started ({error.strerror}): install udhcpc"
        raise Over(Outcome.FAILED, what=what) from error
    try:
        yield process
    finally:
        ended(process)


@contextlib.contextmanager
def _descriptor(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """Readable when the process has ended."""
    descriptor = os.pidfd_open(process.pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
