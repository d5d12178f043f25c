"""Three machines on real wires with the firewall between them, and what is reached."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING

import pytest

from hotspot import nftables
from tests.hotspot.wire import Machine, address, connect, machines

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "100.64.64.1"
STATION = "100.64.64.9"
# On the appliance's other side: its own address there, and a machine behind it.
UPLINK = "198.51.100.1"
BEYOND = "198.51.100.2"
ADDRESS = IPv4Interface(f"{OWN}/22")

# How long silence is listened to. On a veth pair an answer takes well under a millisecond.
SILENCE = 0.3


@pytest.fixture
def home() -> Iterator[tuple[Machine, Machine, Machine]]:
    """A station, the appliance that routes (as a careless one would), and a machine beyond."""
    with machines("station", "appliance", "beyond") as (station, appliance, beyond):
        connect(appliance, "ap0", station, "sta0")
        connect(appliance, "up0", beyond, "eth0")
        for machine, link, cidr in (
            (appliance, "ap0", f"{OWN}/22"),
            (appliance, "ap0", "fd00::1/64"),
            (appliance, "up0", f"{UPLINK}/24"),
            (station, "sta0", f"{STATION}/22"),
            (station, "sta0", "fd00::9/64"),
            (beyond, "eth0", f"{BEYOND}/24"),
        ):
            address(machine, link, cidr)
        appliance.sysctl("ipv4/ip_forward", "1")
        station.run("ip", "route", "add", "default", "via", OWN)
        beyond.run("ip", "route", "add", "default", "via", UPLINK)
        yield station, appliance, beyond


@contextmanager
def listening(machine: Machine, *ports: int) -> Iterator[None]:
    """TCP listeners on every address, IPv6 too; the kernel alone answers for them."""
    with ExitStack() as closing:
        with machine.inside():
            for port in ports:
                closing.enter_context(
                    socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
                )
        yield


def tcp(machine: Machine, host: str, port: int) -> str:
    """What comes of a connection: "open", "reset" or "silent"."""
    with machine.inside():
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    with made:
        made.settimeout(SILENCE)
        outcome = made.connect_ex((host, port))
    return {0: "open", errno.ECONNREFUSED: "reset", errno.EAGAIN: "silent"}[outcome]


@contextmanager
def datagrams(machine: Machine, host: str, port: int) -> Iterator[socket.socket]:
    """A bound UDP socket of a machine."""
    with machine.inside():
        made = socket.socket(type=socket.SOCK_DGRAM)
    with made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        made.settimeout(SILENCE)
        made.bind((host, port))
        yield made


def udp(sender: Machine, receiver: Machine, to: tuple[str, int], sport: int = 0) -> str:
    """Whether a datagram is heard at all, and its answer too: "both ways", "heard" or "silent"."""
    with datagrams(receiver, "0.0.0.0", to[1]) as hearing, datagrams(sender, "", sport) as asking:
        asking.sendto(b"?", to)
        try:
            _, asked_from = hearing.recvfrom(10)
        except TimeoutError:
            return "silent"
        hearing.sendto(b"!", asked_from)
        try:
            return "both ways" if asking.recv(10) == b"!" else "?"
        except TimeoutError:
            return "heard"


def load(machine: Machine, *, tls: bool = False, mdns: bool = False, **caps: int) -> None:
    """Put our table in place."""
    text = nftables.render("ap0", ADDRESS, tls=tls, mdns=mdns, **caps)
    machine.run("nft", "-f", "-", text=text)
