"""The announcements over real wires: heard by a real browser there, and nowhere else."""

from __future__ import annotations

import queue
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import metadata
from ipaddress import IPv4Interface

import pytest
from zeroconf import (
    AddressResolverIPv4,
    DNSIncoming,
    DNSOutgoing,
    DNSQuestion,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceListener,
    Zeroconf,
)

from hotspot import nftables
from portal.mdns import __main__ as mdns
from portal.mdns.announcement import SERVICE
from tests.hotspot.wire import Machine, address, connect, machines

OWN = "100.64.64.1"
STATION = "100.64.64.9"
UPLINK = "198.51.100.1"
BEYOND = "198.51.100.2"
GROUP = "224.0.0.251"
SSID = b"Pump 7"
PORT = 5353
MDNS = PORT.to_bytes(2)
UDP = socket.IPPROTO_UDP
DEADLINE = 20.0
# linux/if_ether.h: every protocol.
ETH_P_ALL = 3

pytestmark = pytest.mark.netns


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
def browsing(machine: Machine, ip: str) -> Iterator[Zeroconf]:
    """A browser of services on one machine."""
    with machine.inside():
        browser = Zeroconf([ip], ip_version=IPVersion.V4Only)
    try:
        yield browser
    finally:
        browser.close()


class Told(ServiceListener):
    """What a browser is told, in order."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[str, str]] = queue.Queue()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        del zc, type_
        self.heard.put(("added", name))

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        del zc, type_
        self.heard.put(("removed", name))

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Of no interest here."""


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


def over_ipv6(heard: list[bytes]) -> list[bytes]:
    """The same over IPv6 (RFC 8200 3)."""
    plain = [each for each in heard if each[12:14] == b"\x86\xdd" and each[20] == UDP]
    return [each[62:] for each in plain if MDNS in {each[54:56], each[56:58]}]


def seen(tapping: socket.socket) -> list[bytes]:
    """What of multicast DNS was heard since the last look."""
    return payloads(frames(tapping))


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


def test_a_browser_finds_service_and_address(street: tuple[Machine, Machine, Machine]) -> None:
    """Found by type, with the port, the host, its one address, and where to begin."""
    station, appliance, _ = street
    told = Told()
    with announcer(appliance) as running, browsing(station, STATION) as browser:
        ServiceBrowser(browser, SERVICE, told)
        assert told.heard.get(timeout=DEADLINE) == ("added", f"Pump 7.{SERVICE}")
        found = browser.get_service_info(SERVICE, f"Pump 7.{SERVICE}", 20_000)
        assert found is not None
        assert (found.server, found.port, found.parsed_addresses()) == ("pump.local.", 80, [OWN])
        assert found.decoded_properties == {
            "path": "/api/v1/status",
            "host": OWN,
            "api": "v1",
            "version": metadata.version("vestibule"),
        }
        host = AddressResolverIPv4("pump.local.")
        assert host.request(browser, 20_000)
        assert host.parsed_addresses() == [OWN]
        assert running.line() == "mdns: http://pump.local/ and 'Pump 7' on ap0\n"


def test_another_program_reads_the_answer(street: tuple[Machine, Machine, Machine]) -> None:
    """dig asks us alone (RFC 6762 5.5): one address, and of IPv6 that there is none (6.1)."""
    station, appliance, _ = street
    with announcer(appliance) as running:
        running.line()
        ask = ("dig", f"@{OWN}", "-p", str(PORT), "+short", "pump.local")
        assert station.run(*ask, "A") == f"{OWN}\n"
        assert station.run(*ask, "AAAA") == "pump.local. A\n"


def test_it_says_goodbye(street: tuple[Machine, Machine, Machine]) -> None:
    """On SIGTERM a browser forgets it at once, and the status is 0."""
    station, appliance, _ = street
    told = Told()
    with announcer(appliance) as running, browsing(station, STATION) as browser:
        ServiceBrowser(browser, SERVICE, told)
        assert told.heard.get(timeout=DEADLINE)[0] == "added"
        running.line()
        with tap(station, "sta0") as hearing:
            assert running.end() == 0
            last = [DNSIncoming(payload) for payload in seen(hearing)]
        assert told.heard.get(timeout=DEADLINE) == ("removed", f"Pump 7.{SERVICE}")
    records = [record for packet in last for record in packet.answers()]
    assert {record.ttl for record in records} == {0}
    assert {record.name for record in records} >= {SERVICE, "pump.local."}


def test_a_name_that_is_taken(street: tuple[Machine, Machine, Machine]) -> None:
    """Whoever was there first keeps the name; ours gets a number (RFC 6762 9)."""
    station, appliance, _ = street
    theirs = ServiceInfo(
        SERVICE, f"Pump 7.{SERVICE}", 80, server="other.local.", parsed_addresses=[STATION]
    )
    with browsing(station, STATION) as other:
        other.register_service(theirs)
        with announcer(appliance) as running:
            assert running.line() == "mdns: http://pump.local/ and 'Pump 7-2' on ap0\n"
            found = other.get_service_info(SERVICE, f"Pump 7-2.{SERVICE}", 20_000)
            assert found is not None
            assert found.parsed_addresses() == [OWN]


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


@pytest.mark.parametrize(
    ("interface", "ip", "words"),
    [
        ("ap0", "100.64.64.7", "No such device"),
        ("ap7", OWN, "No such device"),
    ],
)
def test_what_is_not_there(
    street: tuple[Machine, Machine, Machine], interface: str, ip: str, words: str
) -> None:
    """An address or an interface that has gone ends it with status 1 and one line."""
    _, appliance, _ = street
    with announcer(appliance, ip=ip, interface=interface) as running:
        assert running.line() == f"mdns: cannot announce {ip} on {interface} ({words})\n"
        assert running.process.wait(DEADLINE) == 1


def test_no_room_for_the_group(street: tuple[Machine, Machine, Machine]) -> None:
    """Where the kernel takes no more memberships it says so, instead of being silent for ever."""
    _, appliance, _ = street
    appliance.sysctl("ipv4/igmp_max_memberships", "0")
    with announcer(appliance) as running:
        words = "the interface takes no part in multicast"
        assert running.line() == f"mdns: cannot announce {OWN} on ap0 ({words})\n"
        assert running.process.wait(DEADLINE) == 1


def test_a_signal_at_any_time(street: tuple[Machine, Machine, Machine]) -> None:
    """Told to end while it still asks for its name, it ends with 0, having announced nothing."""
    station, appliance, _ = street
    with tap(station, "sta0") as hearing, announcer(appliance) as running:
        heard: list[bytes] = []
        while not heard:
            ready, _, _ = select.select([hearing], [], [], DEADLINE)
            assert ready, "it never asked"
            heard = seen(hearing)
        assert running.end() == 0
        assert not any(DNSIncoming(each).is_response() for each in [*heard, *seen(hearing)])


@pytest.mark.parametrize(
    "wrong",
    [
        ["--port", "0"],
        ["--port", "65536"],
        ["--address", "fe80::1"],
        ["--address", "nowhere"],
        ["--hostname", "pump.local"],
        ["--ssid", ""],
        ["--ssid", "xy"],
        ["--ssid", "61" * 33],
        ["--interface", ""],
        ["--interface", "a" * 16],
    ],
)
def test_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A word that is none ends it with 2 before a socket is opened."""
    right = ["--interface", "lo", "--address", "127.0.0.1", "--hostname", "pump"]
    with pytest.raises(SystemExit) as ended:
        mdns.main([*right, "--port", "80", "--ssid", "61", *wrong])
    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err
