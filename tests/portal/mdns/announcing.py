"""A street of real wires, an announcer on it, and whoever listens."""

from __future__ import annotations

import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface

import pytest

from hotspot import nftables
from tests.hotspot.wire import Machine, address, connect, machines

OWN = "100.64.64.1"
STATION = "100.64.64.9"
UPLINK = "198.51.100.1"
BEYOND = "198.51.100.2"
SSID = b"Pump 7"
PORT = 5353
MDNS = PORT.to_bytes(2)
UDP = socket.IPPROTO_UDP
DEADLINE = 20.0
# linux/if_ether.h: every protocol.
ETH_P_ALL = 3


@pytest.fixture
def street() -> Iterator[tuple[Machine, Machine, Machine]]:
    """A station, the appliance with access point, firewall and uplink, and a machine beyond."""
    with machines("station", "appliance", "beyond") as (station, appliance, beyond):
        connect(appliance, "ap0", station, "sta0")
        connect(appliance, "up0", beyond, "eth0")
        for machine, link, cidr in (
            (appliance, "ap0", f"{OWN}/22"),
            (appliance, "up0", f"{UPLINK}/24"),
            (station, "sta0", f"{STATION}/22"),
            (beyond, "eth0", f"{BEYOND}/24"),
        ):
            address(machine, link, cidr)
        table = nftables.render("ap0", IPv4Interface(f"{OWN}/22"), mdns=True)
        appliance.run("nft", "-f", "-", text=table)
        # As a careless machine would.
        appliance.sysctl("ipv4/ip_forward", "1")
        beyond.run("ip", "route", "add", f"{OWN}/32", "via", UPLINK)
        yield station, appliance, beyond


@dataclass(frozen=True)
class Announcer:
    """A running `python -m portal.mdns`."""

    process: subprocess.Popen[bytes]

    def line(self) -> str:
        """The next line it logs."""
        assert self.process.stderr is not None
        ready, _, _ = select.select([self.process.stderr], [], [], DEADLINE)
        assert ready, "it said nothing"
        return self.process.stderr.readline().decode()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it: its exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


@contextmanager
def announcer(machine: Machine, *, ip: str = OWN, interface: str = "ap0") -> Iterator[Announcer]:
    """The process as the supervisor starts it: without any capability."""
    process = subprocess.Popen(
        [
            *machine.inside_argv(),
            *("setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"),
            *(sys.executable, "-m", "portal.mdns", "--interface", interface, "--address", ip),
            *("--hostname", "pump", "--port", "80", "--ssid", SSID.hex()),
        ],
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield Announcer(process)
        finally:
            process.kill()


@contextmanager
def tap(machine: Machine, link: str) -> Iterator[socket.socket]:
    """Every frame that passes a link."""
    with machine.inside():
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        made.bind((link, 0))
    with made:
        made.setblocking(False)
        yield made


def frames(tapping: socket.socket) -> list[bytes]:
    """What the machine at the other end has sent since the last look."""
    found: list[bytes] = []
    while True:
        try:
            frame, (_, _, kind, _, _) = tapping.recvfrom(65536)
        except BlockingIOError:
            return found
        if kind != socket.PACKET_OUTGOING:
            found.append(frame)


def payloads(heard: list[bytes]) -> list[bytes]:
    """The UDP payloads from or to port 5353: IPv4 without options (RFC 791 3.1)."""
    plain = [each for each in heard if each[12:15] == b"\x08\x00\x45" and each[23] == UDP]
    return [each[42:] for each in plain if MDNS in {each[34:36], each[36:38]}]


def seen(tapping: socket.socket) -> list[bytes]:
    """What of multicast DNS was heard since the last look."""
    return payloads(frames(tapping))
