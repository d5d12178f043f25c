"""dnsmasq's configuration: DHCP and nothing else, on the access point's interface only."""

from __future__ import annotations

import ipaddress
import re
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import dnsmasq
from hotspot.config import values
from hotspot.config.values import NotAllowed
from hotspot.settings import Network, Portal
from tests.hotspot import strategies
from tests.hotspot.real import program
from tests.hotspot.wire import Machine, address, connect, machines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What would make it more than a DHCP server, or let others speak through it.
NEVER = {
    *("enable-ra", "enable-tftp", "dhcp-script", "dhcp-luascript", "conf-dir", "conf-file"),
    *("server", "address", "listen-address", "dhcp-boot", "dhcp-hostsfile", "enable-dbus"),
}


def network(address: str, lease: int = 600) -> Network:
    """A network from text."""
    return Network(address=ipaddress.IPv4Interface(address), lease=lease)


def test_the_usual_file() -> None:
    """The whole text for the default network, as documented."""
    assert dnsmasq.render(Network(), interface="wlan0", runtime="/run/vestibule") == (
        "keep-in-foreground\n"
        "pid-file=\n"
        "log-facility=-\n"
        "quiet-dhcp\n"
        "port=0\n"
        "no-resolv\n"
        "no-hosts\n"
        "dhcp-leasefile=/run/vestibule/dnsmasq.leases\n"
        "interface=wlan0\n"
        "bind-dynamic\n"
        "dhcp-range=100.64.64.2,100.64.67.254,255.255.252.0,600\n"
        "dhcp-lease-max=1021\n"
        "dhcp-option=option:router,100.64.64.1\n"
        "dhcp-option=option:dns-server,100.64.64.1\n"
        "dhcp-authoritative\n"
        "dhcp-rapid-commit\n"
        "no-ping\n"
        "dhcp-ignore-names\n"
    )


@pytest.mark.parametrize(
    ("address", "ranges", "most"),
    [
        ("10.0.0.1/24", ["10.0.0.2,10.0.0.254"], 253),
        ("10.0.0.254/24", ["10.0.0.1,10.0.0.253"], 253),
        ("10.0.0.100/24", ["10.0.0.1,10.0.0.99", "10.0.0.101,10.0.0.254"], 253),
        ("192.168.4.2/29", ["192.168.4.1,192.168.4.1", "192.168.4.3,192.168.4.6"], 5),
        ("172.16.0.1/16", ["172.16.0.2,172.16.255.254"], 4096),
    ],
)
def test_the_pool(address: str, ranges: list[str], most: int) -> None:
    """The pool is every host address but our own, and the leases as many, up to 4,096."""
    text = dnsmasq.render(network(address), interface="wlan0", runtime="/run/x")
    assert re.findall("dhcp-range=([0-9.]+,[0-9.]+),", text) == ranges
    assert f"dhcp-lease-max={most}\n" in text


@given(strategies.addresses())
def test_pools_cover_the_network(address: ipaddress.IPv4Interface) -> None:
    """Together the ranges hold each host address once, and never ours or the network's own."""
    counted = 0
    for first, last in dnsmasq.pools(address):
        assert first <= last
        assert not first <= address.ip <= last
        assert first in address.network
        assert last in address.network
        counted += int(last) - int(first) + 1
    assert counted == address.network.num_addresses - 3


@given(
    interface=strategies.interfaces,
    address=strategies.addresses(),
    lease=st.integers(120, 86_400),
    runtime=strategies.directories,
)
def test_exactly_the_expected_directives(
    interface: str, address: ipaddress.IPv4Interface, lease: int, runtime: str
) -> None:
    """Whatever the values, the same directives, each value in its own place."""
    text = dnsmasq.render(
        Network(address=address, lease=lease), interface=interface, runtime=runtime
    )
    usual = dnsmasq.render(Network(), interface="wlan0", runtime="/run/vestibule")
    lines = [line for line in text.splitlines() if not line.startswith("dhcp-range=")]
    expected = [line for line in usual.splitlines() if not line.startswith("dhcp-range=")]
    names = [line.partition("=")[0] for line in lines]
    assert names == [line.partition("=")[0] for line in expected]
    assert not NEVER & set(names)
    assert f"interface={interface}" in lines
    assert f"dhcp-leasefile={runtime}/dnsmasq.leases" in lines
    assert f"dhcp-option=option:router,{address.ip}" in lines
    assert f"dhcp-option=option:dns-server,{address.ip}" in lines
    for line in set(text.splitlines()) - set(lines):
        assert line.endswith(f",{address.network.netmask},{lease}")


@pytest.mark.parametrize(
    ("interface", "runtime", "lease"),
    [
        ("wlan0\nenable-tftp", "/run/x", 600),
        ("wlan*", "/run/x", 600),
        ("", "/run/x", 600),
        ("wlan0", "/run/x\ndhcp-script=/bin/sh", 600),
        ("wlan0", "/run/#x", 600),
        ("wlan0", "run", 600),
        ("wlan0", "/run/x", 60),
    ],
)
def test_what_would_be_misread_is_refused(interface: str, runtime: str, lease: int) -> None:
    """A value that could become a second directive never becomes text."""
    with pytest.raises(NotAllowed):
        dnsmasq.render(network("10.0.0.1/24", lease), interface=interface, runtime=runtime)


def checked(file: Path) -> subprocess.CompletedProcess[str]:
    """What the real dnsmasq says of a file."""
    return subprocess.run(
        [program("dnsmasq"), "--test", f"--conf-file={file}"],
        capture_output=True, text=True, timeout=10, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("address", ["100.64.64.1/22", "10.0.0.100/24", "192.168.4.6/29"])
def test_real_dnsmasq_takes_it(tmp_path: Path, address: str) -> None:
    """The distribution's dnsmasq finds no fault."""
    file = tmp_path / "dnsmasq.conf"
    file.write_text(dnsmasq.render(network(address), interface="wlan0", runtime="/run/vestibule"))
    assert checked(file).returncode == 0


TLS = Portal(name="setup.example.com", certificate="/c", key="/k")


def test_the_api_is_announced_with_tls_only(tmp_path: Path) -> None:
    """One line more than without, which real dnsmasq takes: option 114 with the API's URL."""
    without = dnsmasq.render(Network(), interface="wlan0", runtime="/run/x")
    text = dnsmasq.render(Network(), interface="wlan0", runtime="/run/x", portal=TLS)
    line = 'dhcp-option=114,"https://setup.example.com/captive-portal/api"\n'
    assert text == without + line
    (tmp_path / "dnsmasq.conf").write_text(text)
    assert checked(tmp_path / "dnsmasq.conf").returncode == 0


def test_the_longest_name_fits_the_option(tmp_path: Path) -> None:
    """The URL of the longest name that is allowed has the 255 bytes that an option holds."""
    name = ".".join(["a" * 63] * 3 + ["b" * 36])
    assert values.name(name) == name
    portal = Portal(name=name, certificate="/c", key="/k")
    assert len(portal.api) == 255
    text = dnsmasq.render(Network(), interface="wlan0", runtime="/run/x", portal=portal)
    (tmp_path / "dnsmasq.conf").write_text(text)
    assert checked(tmp_path / "dnsmasq.conf").returncode == 0


@pytest.mark.parametrize("name", ['a.example"\nenable-tftp', "a,b.example", "100.64.64.1", ""])
def test_a_name_that_would_be_misread_is_refused(name: str) -> None:
    """No name can become a second value or a second directive."""
    with pytest.raises(NotAllowed):
        dnsmasq.render(Network(), interface="wlan0", runtime="/run/x", portal=Portal(name=name))


@pytest.mark.parametrize(
    "spoil", ["no-ping=no", "dhcp-range=nonsense", "bogus", "dhcp-lease-max=x"]
)
def test_real_dnsmasq_refuses_a_spoilt_one(tmp_path: Path, spoil: str) -> None:
    """One wrong line more and the same check fails: the test before this can fail."""
    file = tmp_path / "dnsmasq.conf"
    text = dnsmasq.render(Network(), interface="wlan0", runtime="/run/vestibule")
    file.write_text(f"{text}{spoil}\n")
    assert checked(file).returncode != 0


# --- the real one, asked over a wire ----------------------------------------------------------

# RFC 2131 message types and RFC 2132 options, as far as they are used here.
DISCOVER, OFFER, ACK = 1, 2, 5
RAPID_COMMIT = bytes([80, 0])
COOKIE = bytes.fromhex("63825363")


def discover(station: int, *options: bytes) -> bytes:
    """A DHCPDISCOVER of the station with this number, asking for a broadcast answer."""
    hardware = (0x020000000000 + station).to_bytes(6, "big")
    head = bytes([1, 1, 6, 0]) + station.to_bytes(4, "big") + bytes([0, 0, 0x80, 0]) + bytes(16)
    asked_for = bytes([55, 5, 1, 3, 6, 12, 51])
    body = [hardware.ljust(16, b"\0"), bytes(192), COOKIE, bytes([53, 1, DISCOVER]), asked_for]
    return b"".join([head, *body, *options, b"\xff"])


def answer(data: bytes) -> dict[int, bytes]:
    """The options of an answer by number, and the address it gives as option 0."""
    found, rest = {0: data[16:20]}, data[240:]
    while rest[0] != 255:
        number, length = rest[0], rest[1]
        found[number], rest = rest[2 : 2 + length], rest[2 + length :]
    return found


@contextmanager
def serving(machine: Machine, file: Path) -> Iterator[None]:
    """The real dnsmasq in a machine, from the moment its socket is bound."""
    argv = [*machine.inside_argv(), program("dnsmasq"), f"--conf-file={file}"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert any(
                "sockets bound exclusively to interface ap0" in line for line in process.stderr
            )
            yield
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def phone() -> Iterator[tuple[socket.socket, Machine]]:
    """A phone's DHCP socket on a wire to an appliance that is called 10.0.0.100/24 there."""
    with machines("phone", "appliance") as (station, appliance):
        connect(appliance, "ap0", station, "sta0")
        address(appliance, "ap0", "10.0.0.100/24")
        with station.inside():
            asking = socket.socket(type=socket.SOCK_DGRAM)
        with asking:
            asking.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            asking.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"sta0")
            asking.settimeout(10)
            asking.bind(("", 68))
            yield asking, appliance


def ask(asking: socket.socket, station: int, *options: bytes) -> dict[int, bytes]:
    """The answer to one DISCOVER."""
    asking.sendto(discover(station, *options), ("255.255.255.255", 67))
    return answer(asking.recv(1500))


@pytest.mark.netns
def test_a_lease_from_real_dnsmasq(phone: tuple[socket.socket, Machine], tmp_path: Path) -> None:
    """Two messages make a lease with router, resolver and time; it outlives a restart."""
    asking, appliance = phone
    file = tmp_path / "dnsmasq.conf"
    text = dnsmasq.render(network("10.0.0.100/24", 300), interface="ap0", runtime="/run/x")
    file.write_text(text.replace("/run/x", str(tmp_path)))
    own = bytes([10, 0, 0, 100])
    with serving(appliance, file):
        lease = ask(asking, 1, RAPID_COMMIT)
        assert lease[53] == bytes([ACK])
        assert lease[1] == bytes([255, 255, 255, 0])
        assert (lease[3], lease[6], lease[54]) == (own, own, own)
        assert int.from_bytes(lease[51], "big") == 300
        assert ask(asking, 2)[53] == bytes([OFFER])
        # Nothing but DHCP is open, to the world or to this machine.
        assert appliance.run("ss", "-Hlntu").count("\n") == 1
        given = {ask(asking, number, RAPID_COMMIT)[0] for number in range(3, 255)}
        # The phone that was only offered one never took it.
        assert len(given | {lease[0]}) == 253
        assert own not in given
    assert len((tmp_path / "dnsmasq.leases").read_text().splitlines()) == 253
    with serving(appliance, file):
        assert ask(asking, 1, RAPID_COMMIT)[0] == lease[0]


@pytest.mark.netns
def test_a_phone_that_asks_is_told_of_the_api(
    phone: tuple[socket.socket, Machine], tmp_path: Path
) -> None:
    """Option 114 (RFC 8910 2.1) comes to who asks for it, byte for byte, and to nobody else."""
    asking, appliance = phone
    file = tmp_path / "dnsmasq.conf"
    text = dnsmasq.render(network("10.0.0.100/24"), interface="ap0", runtime="/run/x", portal=TLS)
    file.write_text(text.replace("/run/x", str(tmp_path)))
    with serving(appliance, file):
        assert 114 not in ask(asking, 1)
        asked_for = discover(2).replace(bytes([55, 5, 1, 3, 6, 12, 51]), bytes([55, 2, 3, 114]))
        asking.sendto(asked_for, ("255.255.255.255", 67))
        assert answer(asking.recv(1500))[114] == b"https://setup.example.com/captive-portal/api"
