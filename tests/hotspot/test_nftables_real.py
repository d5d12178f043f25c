"""The firewall in the kernel: what a station, a machine beyond and we ourselves reach."""

from __future__ import annotations

import socket
import subprocess
from ipaddress import IPv4Interface

import pytest

from hotspot import nftables
from tests.hotspot import reaching
from tests.hotspot.reaching import (
    BEYOND,
    OWN,
    SILENCE,
    STATION,
    UPLINK,
    datagrams,
    listening,
    load,
    tcp,
    udp,
)
from tests.hotspot.wire import Machine, address

home = reaching.home


@pytest.mark.netns
def test_what_a_station_reaches(home: tuple[Machine, Machine, Machine]) -> None:
    """80 and 53 answer, 443 and 853 are reset at once, everything else is silence."""
    station, appliance, _ = home
    with listening(appliance, 22, 53, 80, 443, 8080):
        assert {port: tcp(station, OWN, port) for port in (22, 53, 80, 443, 853, 8080)} == {
            22: "open", 53: "open", 80: "open", 443: "open", 853: "reset", 8080: "open",
        }  # fmt: skip
        assert tcp(station, "fd00::1", 80) == "open"
        load(appliance)
        assert {port: tcp(station, OWN, port) for port in (22, 53, 80, 443, 853, 8080, 8081)} == {
            22: "silent", 53: "open", 80: "open", 443: "reset", 853: "reset",
            8080: "silent", 8081: "silent",
        }  # fmt: skip
        # Its other addresses, and IPv6, are not there for a station.
        assert tcp(station, UPLINK, 80) == "silent"
        assert tcp(station, "fd00::1", 80) == "silent"
        # It reaches itself, for the self-test before the first beacon.
        assert tcp(appliance, OWN, 80) == "open"


@pytest.mark.netns
def test_with_tls_443_answers(home: tuple[Machine, Machine, Machine]) -> None:
    """With a certificate 443 is open, under the same cap as the others; 853 stays reset."""
    station, appliance, _ = home
    load(appliance, tls=True, connections=2)
    with listening(appliance, 80, 443), station.inside():
        assert {port: tcp(station, OWN, port) for port in (80, 443, 853, 8080)} == {
            80: "open", 443: "open", 853: "reset", 8080: "silent",
        }  # fmt: skip
        with socket.create_connection((OWN, 443), SILENCE):
            assert tcp(station, OWN, 443) == "silent"


@pytest.mark.netns
def test_datagrams_of_a_station(home: tuple[Machine, Machine, Machine]) -> None:
    """DNS goes both ways, DHCP too from its own port, nothing else."""
    station, appliance, _ = home
    assert udp(station, appliance, (OWN, 5353)) == "both ways"
    load(appliance)
    assert udp(station, appliance, (OWN, 53)) == "both ways"
    assert udp(station, appliance, (OWN, 67), sport=68) == "both ways"
    assert udp(station, appliance, (OWN, 67)) == "silent"
    assert udp(station, appliance, (OWN, 5353)) == "silent"
    assert udp(station, appliance, (UPLINK, 53)) == "silent"
    assert udp(station, appliance, ("100.64.67.255", 53)) == "silent"


@pytest.mark.netns
def test_the_group_of_mdns(home: tuple[Machine, Machine, Machine]) -> None:
    """Where it is asked for: the group and we hear port 5353, from our network alone, untracked."""
    station, appliance, _ = home
    load(appliance, mdns=True)
    assert udp(station, appliance, (OWN, 5353)) == "both ways"
    assert udp(station, appliance, (OWN, 5354)) == "silent"
    assert udp(station, appliance, (UPLINK, 5353)) == "silent"
    address(station, "sta0", "203.0.113.5/24")
    with datagrams(appliance, "0.0.0.0", 5353) as hearing:
        for group in ("224.0.0.251", "224.0.0.252"):
            member = socket.inet_aton(group) + socket.inet_aton(OWN)
            hearing.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        with (
            datagrams(station, STATION, 5353) as asking,
            datagrams(station, "203.0.113.5", 5353) as stranger,
        ):
            for each in (asking, stranger):
                own = socket.inet_aton(each.getsockname()[0])
                each.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
            stranger.sendto(b"stranger", ("224.0.0.251", 5353))
            asking.sendto(b"another group", ("224.0.0.252", 5353))
            asking.sendto(b"heard", ("224.0.0.251", 5353))
            assert hearing.recv(20) == b"heard"
            assert appliance.sysctl("netfilter/nf_conntrack_count") == "0"


@pytest.mark.netns
def test_a_discover_is_heard_before_there_is_an_address(
    home: tuple[Machine, Machine, Machine],
) -> None:
    """A broadcast from 0.0.0.0 port 68, as the first message of DHCP is, reaches port 67."""
    station, appliance, _ = home
    load(appliance)
    station.run("ip", "address", "flush", "dev", "sta0")
    station.run("ip", "route", "add", "default", "dev", "sta0")
    assert udp(station, appliance, ("255.255.255.255", 67), sport=68).startswith("heard")


@pytest.mark.netns
def test_a_stranger_in_our_network(home: tuple[Machine, Machine, Machine]) -> None:
    """An address that is not of our network gets no answer that would go elsewhere."""
    station, appliance, _ = home
    address(station, "sta0", "203.0.113.5/24")
    station.run("ip", "route", "replace", f"{OWN}/32", "dev", "sta0", "src", "203.0.113.5")
    appliance.run("ip", "route", "add", "203.0.113.0/24", "dev", "ap0")
    assert udp(station, appliance, (OWN, 53)) == "both ways"
    load(appliance)
    assert udp(station, appliance, (OWN, 53)) == "silent"


@pytest.mark.netns
def test_nothing_is_forwarded(home: tuple[Machine, Machine, Machine]) -> None:
    """With routing on, neither side reaches the other; the appliance itself reaches both."""
    station, appliance, beyond = home
    with listening(beyond, 80), listening(station, 80):
        assert tcp(station, BEYOND, 80) == "open"
        assert tcp(beyond, STATION, 80) == "open"
        assert udp(station, beyond, (BEYOND, 53)) == "both ways"
        load(appliance)
        assert tcp(station, BEYOND, 80) == "silent"
        assert tcp(beyond, STATION, 80) == "silent"
        # One way is closed by each of two rules: not even the question arrives.
        assert udp(station, beyond, (BEYOND, 53)) == "silent"
        assert udp(beyond, station, (STATION, 53)) == "silent"
        assert tcp(appliance, BEYOND, 80) == "open"
        assert tcp(appliance, STATION, 80) == "open"
    with listening(appliance, 22):
        assert tcp(beyond, UPLINK, 22) == "open"


@pytest.mark.netns
def test_it_leaves_the_ruleset_as_it_was(home: tuple[Machine, Machine, Machine]) -> None:
    """Loaded twice and removed twice, other tables are untouched and ours is gone."""
    _, appliance, _ = home
    assert appliance.run("nft", "list", "ruleset") == ""
    appliance.run("nft", "add", "table", "inet", "theirs")
    before = appliance.run("nft", "list", "ruleset")
    load(appliance)
    once = appliance.run("nft", "list", "ruleset")
    load(appliance)
    assert appliance.run("nft", "list", "ruleset") == once
    assert before in once
    for _ in range(2):
        appliance.run("nft", "-f", "-", text=nftables.REMOVE)
        assert appliance.run("nft", "list", "ruleset") == before


@pytest.mark.netns
def test_real_nft_takes_every_value(home: tuple[Machine, Machine, Machine]) -> None:
    """Odd names and networks load, and a spoilt text does not: the check can fail."""
    _, appliance, _ = home
    for interface, cidr in (
        ("wlx00c0ca98dfee", "10.0.0.1/24"),
        ("0.1", "192.168.4.6/29"),
        ("accept", "172.16.0.1/16"),
        ("_-.", "100.64.64.1/22"),
    ):
        text = nftables.render(interface, IPv4Interface(cidr))
        appliance.run("nft", "--check", "-f", "-", text=text)
    with pytest.raises(subprocess.CalledProcessError):
        appliance.run("nft", "--check", "-f", "-", text=text.replace("drop", "dorp"))


@pytest.mark.netns
def test_while_the_interface_is_a_station(home: tuple[Machine, Machine, Machine]) -> None:
    """Nothing of ours answers there, least of all DHCP; afterwards all is as before."""
    station, appliance, _ = home
    load(appliance)
    for _ in range(2):
        appliance.run("nft", "-f", "-", text=nftables.guard("ap0"))
    assert udp(station, appliance, ("255.255.255.255", 67), 68) == "silent"
    assert tcp(station, OWN, 80) == "silent"

    appliance.run("nft", "-f", "-", text=nftables.UNGUARD)
    assert udp(station, appliance, ("255.255.255.255", 67), 68) != "silent"
