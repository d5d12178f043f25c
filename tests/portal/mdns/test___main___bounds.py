"""The announcements stay on the access point: nothing beyond it, and no neighbour disturbed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from zeroconf import DNSIncoming, DNSOutgoing, DNSQuestion

from portal.mdns.announcement import SERVICE
from tests.hotspot.wire import Machine, address
from tests.portal.mdns import announcing
from tests.portal.mdns.announcing import (
    BEYOND,
    DEADLINE,
    MDNS,
    OWN,
    PORT,
    STATION,
    UDP,
    UPLINK,
    announcer,
    frames,
    payloads,
    seen,
    tap,
)

pytestmark = pytest.mark.netns

street = announcing.street
GROUP = "224.0.0.251"


def over_ipv6(heard: list[bytes]) -> list[bytes]:
    """The same over IPv6 (RFC 8200 3)."""
    plain = [each for each in heard if each[12:14] == b"\x86\xdd" and each[20] == UDP]
    return [each[62:] for each in plain if MDNS in {each[54:56], each[56:58]}]


@contextmanager
def neighbour(machine: Machine, ip: str) -> Iterator[socket.socket]:
    """What avahi-daemon does on another interface, of another user: the same port and group."""
    with machine.inside():
        made = socket.socket(type=socket.SOCK_DGRAM)
    with made:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind(("", PORT))
        group = socket.inet_aton(GROUP) + socket.inet_aton(ip)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        made.settimeout(DEADLINE)
        yield made


def question(name: str, kind: int, *, unicast: bool) -> bytes:
    """A query of one question; `unicast` asks for an answer to ourselves (RFC 6762 5.4)."""
    out = DNSOutgoing(0)
    out.add_question(DNSQuestion(name, kind, 0x8001 if unicast else 1))
    (packet,) = out.packets()
    return packet


@contextmanager
def asking(machine: Machine, ip: str) -> Iterator[socket.socket]:
    """A socket of a machine that asks the group on its own link."""
    with machine.inside():
        made = socket.socket(type=socket.SOCK_DGRAM)
    with made:
        made.settimeout(DEADLINE)
        made.bind((ip, PORT))
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(ip))
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        yield made


def test_nothing_leaves_by_another_interface(street: tuple[Machine, Machine, Machine]) -> None:
    """Nor over IPv6; also where a neighbour has the port on the uplink, and somebody there asks.

    Without the sockets bound to the interface, the question that asks for a unicast answer gets
    one: the neighbour's membership brings it to every socket on that port.
    """
    station, appliance, beyond = street
    with ExitStack() as closing:
        outside = closing.enter_context(tap(beyond, "eth0"))
        near = closing.enter_context(tap(station, "sta0"))
        beside = closing.enter_context(neighbour(appliance, UPLINK))
        running = closing.enter_context(announcer(appliance))
        running.line()
        stranger = closing.enter_context(asking(beyond, BEYOND))
        phone = closing.enter_context(asking(station, STATION))
        query = question(SERVICE, 12, unicast=True)
        for _ in range(3):
            stranger.sendto(query, (GROUP, PORT))
            # It has come in by the uplink: whoever listens there has it now.
            while beside.recv(9000) != query:
                pass
            phone.sendto(query, (GROUP, PORT))
            while not DNSIncoming(phone.recv(9000)).answers():
                pass
        assert running.end() == 0
        heard = frames(near)
        assert payloads(heard)
        assert over_ipv6(heard) == []
        # Were there any, it would have been seen.
        address(appliance, "ap0", "fd00::1/64")
        with appliance.inside(), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            control.sendto(b"control", ("ff02::fb", PORT, 0, socket.if_nametoindex("ap0")))
        assert over_ipv6(frames(near)) == [b"control"]
        assert seen(outside) == []


def test_the_port_is_open_to_stations_alone(street: tuple[Machine, Machine, Machine]) -> None:
    """By nmap: open on the access point, and to a machine beyond by none of our addresses."""
    station, appliance, beyond = street
    scan = ("nmap", "-n", "-Pn", "-sU", "-p", str(PORT), "--max-retries", "1", "-oG", "-")
    with announcer(appliance) as running:
        running.line()
        assert f"{PORT}/open/udp" in station.run(*scan, OWN)
        for host in (OWN, UPLINK):
            found = beyond.run(*scan, host)
            assert "1 host up" in found
            assert f"{PORT}/open/udp" not in found


def test_a_neighbour_on_the_same_port_is_not_disturbed(
    street: tuple[Machine, Machine, Machine],
) -> None:
    """Both hear what is sent to the group on the access point; what is sent to us alone is ours."""
    station, appliance, _ = street
    with neighbour(appliance, OWN) as beside, announcer(appliance) as running:
        running.line()
        with asking(station, STATION) as phone:
            query = question("pump.local.", 1, unicast=True)
            for to in (GROUP, OWN):
                phone.sendto(query, (to, PORT))
                while not DNSIncoming(phone.recv(9000)).answers():
                    pass
            while beside.recv(9000) != query:
                pass
