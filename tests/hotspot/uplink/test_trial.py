"""The home network from inside: over wires, with real sockets at the other end."""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import json
import socket
import threading
from typing import TYPE_CHECKING

import dnslib
import pytest

from hotspot.uplink import lease, trial
from hotspot.uplink.internet import Check
from hotspot.uplink.lease import Lease
from hotspot.uplink.wire import Answer
from tests.hotspot import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "probe.example"
CHECK = Check(NAME, "/generate_204", 204, b"")
GIVEN = Lease(ipaddress.IPv4Interface("192.168.77.131/24"), ipaddress.IPv4Address("192.168.77.1"))


@contextlib.contextmanager
def resolver(*addresses: str, first: bytes = b"") -> Iterator[int]:
    """A resolver on loopback that says `first`, and then these addresses: its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as serving:
        serving.bind(("127.0.0.1", 0))

        def serve() -> None:
            data, asker = serving.recvfrom(512)
            if asker[1] == serving.getsockname()[1]:
                return
            if first:
                serving.sendto(first, asker)
            answer = dnslib.DNSRecord.parse(data).reply()
            for address in addresses:
                answer.add_answer(*dnslib.RR.fromZone(f"{NAME} 60 A {address}"))
            serving.sendto(answer.pack(), asker)

        thread = threading.Thread(target=serve)
        thread.start()
        port = serving.getsockname()[1]
        try:
            yield port
        finally:
            # One that nobody has asked is asked by itself, which is the end.
            serving.sendto(b"", ("127.0.0.1", port))
            thread.join(20)


def test_a_name() -> None:
    """The first resolver that answers counts; noise before its answer does not."""
    with resolver("192.0.2.1", "192.0.2.2", first=b"noise") as port:
        assert trial.resolved(NAME, ["127.0.0.1"], port) == ["192.0.2.1", "192.0.2.2"]


def test_a_name_that_nobody_knows() -> None:
    """An answer without addresses is one; a closed port is none, and soon known."""
    with resolver() as port:
        assert trial.resolved(NAME, ["127.0.0.1"], port) == []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert trial.resolved(NAME, ["127.0.0.1"], port) == []


class Vendor(http.server.BaseHTTPRequestHandler):
    """A vendor's server."""

    def do_GET(self) -> None:
        assert self.headers["Host"] == NAME
        self.send_response(204 if self.path == CHECK.path else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's
        del format, args


def test_a_check() -> None:
    """What is asked for is asked by its name, and the answer comes whole."""
    with http.server.HTTPServer(("127.0.0.1", 0), Vendor) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert trial.asked(CHECK, "127.0.0.1", server.server_port) == Answer(204)
        thread.join(20)


@pytest.fixture
def machines() -> Iterator[tuple[wire.Machine, wire.Machine]]:
    """The namespace with its link `home`, and a router at the other end of it."""
    with wire.machines("inside", "router") as (inside, router):
        wire.connect(inside, trial.INTERFACE, router, "lan0")
        inside.run("ip", "link", "set", trial.INTERFACE, "down")
        wire.address(router, "lan0", "192.168.77.1/24")
        yield inside, router


@pytest.mark.netns
def test_an_address_and_the_way_out(machines: tuple[wire.Machine, wire.Machine]) -> None:
    """The lease's address is the link's, its gateway the default route."""
    inside, _ = machines
    with inside.inside():
        trial.take({"lease": lease.written(GIVEN)})

    (shown,) = json.loads(inside.run("ip", "-j", "address", "show", "dev", trial.INTERFACE))
    assert ("192.168.77.131", 24) in [(a["local"], a["prefixlen"]) for a in shown["addr_info"]]
    (route,) = json.loads(inside.run("ip", "-j", "route", "show", "default"))
    assert (route["gateway"], route["dev"]) == ("192.168.77.1", trial.INTERFACE)


@pytest.mark.netns
@pytest.mark.parametrize(("gateway", "answers"), [("192.168.77.1", True), ("192.168.77.9", False)])
def test_the_gateway(
    machines: tuple[wire.Machine, wire.Machine],
    monkeypatch: pytest.MonkeyPatch,
    gateway: str,
    answers: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Who has the address answers; where nobody has it, that is known after some tries."""
    monkeypatch.setattr(trial, "_ARP_SECONDS", 5.0 if answers else 0.05)
    inside, _ = machines
    with inside.inside():
        trial.take({"lease": lease.written(GIVEN)})
        order = {"own": "192.168.77.131", "gateway": gateway}
        assert trial.gateway(order) == {"answers": answers}


@pytest.mark.netns
def test_how_far_it_leads(
    machines: tuple[wire.Machine, wire.Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a resolver it leads nowhere, and nothing of this machine is asked instead."""
    monkeypatch.setattr(trial, "_DNS_SECONDS", 0.05)
    inside, _ = machines
    with inside.inside():
        trial.take({"lease": lease.written(GIVEN)})
        assert trial.reach({"resolvers": ["192.168.77.1"]})["reach"] == "nowhere"
        assert trial.reach({"resolvers": []}) == {"reach": "nowhere", "url": ""}
