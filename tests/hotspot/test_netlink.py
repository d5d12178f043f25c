"""Links, addresses and routes of a real kernel; generic netlink as bytes."""

from __future__ import annotations

import errno
import ipaddress
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotspot.machine.steps import Address
from hotspot.netlink import ACK, DUMP, Generic, Links, furnish
from tests.hotspot import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.netns


@pytest.fixture
def host() -> Iterator[wire.Machine]:
    """A machine with one wired link `w0` whose other end is down: no carrier."""
    with wire.machines("host", "far") as (host, far):
        peer = ["peer", "name", "w1", "netns", far.name]
        host.run("ip", "link", "add", "w0", "type", "veth", *peer)
        host.run("ip", "link", "set", "w0", "up")
        yield host


@pytest.fixture
def links(host: wire.Machine) -> Iterator[Links]:
    """An open door to that machine."""
    with host.inside(), Links() as links:
        yield links


@pytest.fixture
def index(links: Links) -> int:
    """The number of `w0`."""
    assert links
    return socket.if_nametoindex("w0")


def test_up_and_down(links: Links, index: int, host: wire.Machine) -> None:
    """The link goes down and up, and again without complaint."""
    assert links.up(index)
    for up in (False, False, True, True):
        links.set_up(index, up=up)
        assert links.up(index) is up
        (shown,) = json.loads(host.run("ip", "-j", "link", "show", "w0"))
        assert ("UP" in shown["flags"]) is up


def test_its_hardware_address(links: Links, index: int, host: wire.Machine) -> None:
    """Six octets, as the kernel has them."""
    (shown,) = json.loads(host.run("ip", "-j", "link", "show", "w0"))

    assert links.hardware(index).hex(":") == shown["address"]


def test_a_child_in_a_namespace_of_another(links: Links, index: int) -> None:
    """An ipvlan of the link is made where the process is; a kernel without them says so."""
    try:
        links.add_child(index, "home", os.getpid())
    except OSError as error:
        assert error.errno == errno.EOPNOTSUPP  # noqa: PT017 - either is right
        pytest.skip("this kernel has no ipvlan: the Wi-Fi lab's has")
    # Our own thread is inside, our process is not: there is the child.
    assert Path("/sys/class/net/home").exists()


def test_our_address_comes_with_its_broadcast(links: Links, index: int, host: wire.Machine) -> None:
    """Added twice and removed twice it is there once and then gone."""
    for _ in range(2):
        links.add_address(index, Address("100.64.64.1/22"))
    assert links.addresses(index) == {Address("100.64.64.1/22")}
    assert "brd 100.64.67.255" in host.run("ip", "address", "show", "w0")
    for _ in range(2):
        links.remove_address(index, Address("100.64.64.1/22"))
    assert links.addresses(index) == frozenset()


ADDRESSES = [
    ("10.1.1.5/24", "broadcast", "+", "label", "w0:home"),
    ("10.1.1.6/24", "broadcast", "+", "metric", "77", "noprefixroute"),
    ("10.2.0.1/32", "peer", "10.2.0.2/32"),
    ("2001:db8::5/64", "nodad", "metric", "99"),
]


@pytest.mark.parametrize("words", ADDRESSES)
def test_an_address_comes_back_as_it_was(
    links: Links, index: int, host: wire.Machine, words: tuple[str, ...]
) -> None:
    """Label, metric, peer and flags are the kernel's business, and all of them return."""
    cidr, *rest = words
    if rest[0] == "peer":
        cidr, rest = words[0].removesuffix("/32"), [*words[1:]]
    host.run("ip", "address", "add", cidr, *rest, "dev", "w0")
    shown = host.run("ip", "-j", "address", "show", "w0")
    (address,) = links.addresses(index)

    for _ in range(2):
        links.remove_address(index, address)
    assert links.addresses(index) == frozenset()
    links.add_address(index, address)
    links.add_address(index, address)

    assert host.run("ip", "-j", "address", "show", "w0") == shown


def test_what_ipv6_makes_for_itself_is_left_out(links: Links, index: int) -> None:
    """A link-local address is the kernel's: it comes and goes with the link."""
    links.set_up(index, up=True)

    assert links.addresses(index) == frozenset()


def test_routes_come_back_in_an_order_that_works(
    links: Links, index: int, host: wire.Machine
) -> None:
    """A gateway behind another route, metrics, tables, both families: as they were."""
    host.run("ip", "address", "add", "10.1.1.5/24", "dev", "w0")
    host.run("ip", "address", "add", "2001:db8::5/64", "dev", "w0", "nodad")
    for words in (
        "10.98.0.0/16",
        "10.97.0.0/16 via 10.98.0.1",
        "default via 10.1.1.1 metric 600 proto dhcp mtu 1400",
        "10.96.0.0/16 via 10.1.1.2 table 1000",
        "10.95.0.0/16 via 203.0.113.1 onlink",
    ):
        host.run("ip", "route", "add", *words.split(), "dev", "w0")
    host.run("ip", "-6", "route", "add", "default", "via", "2001:db8::1", "dev", "w0")
    shown = shown_routes(host)
    routes = links.routes(index)

    for route in reversed(routes):
        links.remove_route(route)
        links.remove_route(route)
    assert links.routes(index) == ()
    for route in routes:
        links.add_route(route)
        links.add_route(route)

    assert len(routes) == 6
    assert links.routes(index) == routes
    assert shown_routes(host) == shown


def shown_routes(host: wire.Machine) -> list[str]:
    """What `ip` shows of all routes, in any order."""
    four = host.run("ip", "route", "show", "table", "all")
    return sorted([*four.splitlines(), *host.run("ip", "-6", "route").splitlines()])


def test_routes_of_others_are_not_ours(links: Links, index: int, host: wire.Machine) -> None:
    """The kernel's own, and those over another link, are left alone."""
    host.run("ip", "address", "add", "10.1.1.5/24", "dev", "w0")
    host.run("ip", "route", "add", "10.50.0.0/16", "dev", "lo")

    assert links.routes(index) == ()


def test_a_link_that_is_gone(links: Links) -> None:
    """The kernel's errno comes through, as an OSError."""
    with pytest.raises(OSError, match="No such device") as error:
        links.up(9999)
    assert error.value.errno == errno.ENODEV


# --- generic netlink: the controller, which every kernel has -------------------------------------

GET_FAMILY, FAMILY_ID, FAMILY_NAME = 3, 1, 2


def test_a_family_is_asked() -> None:
    """Attributes go in and come out as bytes, one answer or many."""
    with Generic("nlctrl") as controller:
        (found,) = controller.ask(GET_FAMILY, ACK, {FAMILY_NAME: b"nlctrl\0"})
        every = controller.ask(GET_FAMILY, DUMP, {})

    assert found[FAMILY_NAME] == b"nlctrl\0"
    assert found[FAMILY_ID] in [one[FAMILY_ID] for one in every]


def test_an_answer_that_is_an_error() -> None:
    """The kernel's errno comes through, as an OSError."""
    with Generic("nlctrl") as controller, pytest.raises(OSError, match="No such file") as error:
        controller.ask(GET_FAMILY, ACK, {FAMILY_NAME: b"nonsense\0"})
    assert error.value.errno == errno.ENOENT


def test_a_family_that_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    """A kernel without Wi-Fi is no error yet, and nobody complains on our behalf."""
    with Generic("nonsense") as nothing:
        assert not nothing.exists
    with Generic("nlctrl") as controller:
        assert controller.exists
    assert capfd.readouterr().err == ""


def test_events_are_waited_for_in_time() -> None:
    """Silence ends at the deadline."""
    with Generic("nlctrl") as controller, controller.events("notify") as events:
        assert not events.wait(0.02, lambda _command, _attributes: True)


def test_furnished_without_pyroute2(index: int, host: wire.Machine) -> None:
    """Up, an address with its broadcast, and the way out; twice is as good as once."""
    host.run("ip", "link", "set", "w0", "down")
    with host.inside():
        for _ in range(2):
            cidr = ipaddress.IPv4Interface("192.0.2.5/24")
            furnish(index, cidr, ipaddress.IPv4Address("192.0.2.1"))

    (shown,) = json.loads(host.run("ip", "-j", "address", "show", "w0"))
    assert "UP" in shown["flags"]
    assert ("192.0.2.5", 24, "192.0.2.255") in [
        (one["local"], one["prefixlen"], one.get("broadcast")) for one in shown["addr_info"]
    ]
    (route,) = json.loads(host.run("ip", "-j", "route", "show", "default"))
    assert (route["gateway"], route["dev"]) == ("192.0.2.1", "w0")
