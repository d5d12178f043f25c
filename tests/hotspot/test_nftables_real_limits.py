"""The firewall in the kernel: how much one station may ask for, and that others go on."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress

import pytest

from tests.hotspot import reaching
from tests.hotspot.reaching import OWN, SILENCE, STATION, datagrams, listening, load, tcp, udp
from tests.hotspot.wire import Machine, address

home = reaching.home


@pytest.mark.netns
def test_chatter_per_station(home: tuple[Machine, Machine, Machine]) -> None:
    """A flood of mDNS is cut short by itself: DNS goes on."""
    station, appliance, _ = home
    load(appliance, mdns=True)
    with datagrams(appliance, OWN, 5353) as hearing, datagrams(station, STATION, 0) as asking:
        for _ in range(300):
            asking.sendto(b"flood", (OWN, 5353))
        heard = 0
        with suppress(TimeoutError):
            while hearing.recv(10):
                heard += 1
    # 40 at once, and twenty a second for as long as the loop took.
    assert 40 <= heard < 200
    assert udp(station, appliance, (OWN, 53)) == "both ways"


@pytest.mark.netns
def test_connections_per_station(home: tuple[Machine, Machine, Machine]) -> None:
    """The fifth of four is silent, another address is not concerned, a closed one makes room."""
    station, appliance, _ = home
    address(station, "sta0", "100.64.64.10/22")
    load(appliance, connections=4)
    with listening(appliance, 53, 80), ExitStack() as closing:
        with station.inside():
            held = [
                closing.enter_context(socket.create_connection((OWN, 80), SILENCE))
                for _ in range(4)
            ]
            assert tcp(station, OWN, 80) == "silent"
            assert tcp(station, OWN, 53) == "open"
            socket.create_connection((OWN, 80), SILENCE, ("100.64.64.10", 0)).close()
        # A reset, not a close: the listener never accepts, so its side would stay half open.
        held[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        held[0].close()
        assert tcp(station, OWN, 80) == "open"


@pytest.mark.netns
def test_queries_per_station(home: tuple[Machine, Machine, Machine]) -> None:
    """A flood from one address is cut to twice its rate, leaves no trace, and harms no other."""
    station, appliance, _ = home
    address(station, "sta0", "100.64.64.10/22")
    load(appliance, queries=10)
    with datagrams(appliance, OWN, 53) as hearing, datagrams(station, "100.64.64.10", 0) as other:
        for _ in range(200):
            with datagrams(station, STATION, 0) as asking:
                asking.sendto(b"flood", (OWN, 53))
        other.sendto(b"other", (OWN, 53))
        heard: list[bytes] = []
        while b"other" not in heard:
            query, asked_from = hearing.recvfrom(10)
            hearing.sendto(b"answer", asked_from)
            heard.append(query)
    # 20 at once, and ten a second for as long as the loop took.
    assert 20 <= heard.count(b"flood") < 120
    assert appliance.sysctl("netfilter/nf_conntrack_count") == "0"


@pytest.mark.netns
def test_pings(home: tuple[Machine, Machine, Machine]) -> None:
    """A few pings are answered, a flood of them is not."""
    station, appliance, _ = home
    load(appliance)
    # Type 8, code 0, checksum, identifier, sequence (RFC 792); the answer has type 0.
    request = bytes.fromhex("0800f7ff00000000")
    with station.inside():
        pinging = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    with pinging:
        pinging.settimeout(SILENCE)
        for _ in range(200):
            pinging.sendto(request, (OWN, 0))
        # Raw sockets get the IP header too: 20 bytes.
        answers = 0
        with suppress(TimeoutError):
            while pinging.recv(100)[20] == 0:
                answers += 1
    assert 1 <= answers < 100
