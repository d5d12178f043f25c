"""rtnetlink's messages, as the kernel wrote them on a real machine."""

from __future__ import annotations

import struct

import pytest

from hotspot.machine import rtnetlink

# Recorded with Linux 6.18 in a network namespace: ip address add 10.1.1.5/24 … valid_lft 1000,
# an address of IPv6's own making, one that was set, one that a router announced.
TIMED = bytes.fromhex(
    "0218000003000000080001000a010105080002000a010105080004000a0101ff0900030076303a78000000000800"
    "08000000000014000600f4010000e80300008aa501008aa50100"
)
LOCAL = bytes.fromhex(
    "0a40c0fd0200000014000100fe80000000000000c4096efffeec02ef14000600ffffffffffffffff8aa501008aa5"
    "010008000800c000000005000b0003000000"
)
GLOBAL = bytes.fromhex(
    "0a40c000030000001400010020010db800000000000000000000000514000600ffffffffffffffffca010000ca01"
    "000008000800c0000000"
)
ANNOUNCED = struct.pack("=BBBBI", 10, 64, 0, 0, 3) + GLOBAL[8:]

# ip route add 10.99.0.0/16 via 192.168.77.1 dev wlan0 metric 77 onlink; index 3.
VIA = bytes.fromhex(
    "02100000fe0300010400000008000f00fe000000080001000a630000080006004d00000008000500c0a84d010800"
    "040003000000"
)


def with_header(route: bytes, **changed: int) -> bytes:
    """The same route with other fields in its header."""
    names = ("family", "to", "from", "tos", "table", "protocol", "scope", "type", "flags")
    fields = dict(zip(names, struct.unpack_from("=BBBBBBBBI", route), strict=True)) | changed
    return struct.pack("=BBBBBBBBI", *fields.values()) + route[12:]


def with_table(route: bytes, number: int) -> bytes:
    """The same route in another table: RTA_TABLE is its first attribute."""
    return route[:16] + struct.pack("=I", number) + route[20:]


@pytest.mark.parametrize(
    ("address", "cidr", "lasts"),
    [
        (TIMED, "10.1.1.5/24", True),
        (LOCAL, "fe80::c409:6eff:feec:2ef/64", False),
        (GLOBAL, "2001:db8::5/64", True),
        (ANNOUNCED, "2001:db8::5/64", False),
    ],
)
def test_addresses(address: bytes, cidr: str, lasts: bool) -> None:  # noqa: FBT001 - a table
    """What is kept: what somebody set, and not what comes by itself."""
    assert rtnetlink.cidr(address) == cidr
    assert rtnetlink.lasts(address) is lasts


def test_a_peer_is_not_our_address() -> None:
    """On a point-to-point link IFA_ADDRESS is the other side."""
    attributes = struct.pack("=HH4sHH4s", 8, 1, bytes([10, 0, 0, 2]), 8, 2, bytes([10, 0, 0, 1]))

    assert rtnetlink.cidr(struct.pack("=BBBBI", 2, 32, 0, 0, 3) + attributes) == "10.0.0.1/32"


@pytest.mark.parametrize(
    ("route", "index", "was_set"),
    [
        (VIA, 3, True),
        (VIA, 4, False),
        (with_header(VIA, protocol=2), 3, True),  # by NetworkManager in the kernel's name
        (with_header(VIA, protocol=9), 3, False),  # by router advertisement
        (with_header(VIA, protocol=16), 3, True),  # by a DHCP client
        (with_header(VIA, flags=0x200), 3, False),  # a cached copy
        (with_table(VIA, 255), 3, False),  # the kernel's own table of local addresses
        (with_table(VIA, 1000), 3, True),
    ],
)
def test_routes(route: bytes, index: int, was_set: bool) -> None:  # noqa: FBT001 - a table
    """What is kept: what somebody set, over this interface, in any table but the kernel's."""
    assert rtnetlink.was_set(route, index, {"10.1.1.0/24", None}) is was_set


def test_routes_that_addresses_bring() -> None:
    """The kernel's route to an address's own network is left to it; a person's is not."""
    by_kernel = with_header(VIA, protocol=2)

    assert not rtnetlink.was_set(by_kernel, 3, {"10.99.0.0/16"})
    assert rtnetlink.was_set(VIA, 3, {"10.99.0.0/16"})


# IFA_FLAGS is the attribute of type 8: permanent, and noprefixroute beside it.
NO_ROUTE = GLOBAL.replace(bytes.fromhex("08000800c0000000"), bytes.fromhex("08000800c0020000"))


@pytest.mark.parametrize(
    ("address", "network"),
    [(TIMED, "10.1.1.0/24"), (LOCAL, "fe80::/64"), (GLOBAL, "2001:db8::/64"), (NO_ROUTE, None)],
)
def test_networks_that_addresses_bring(address: bytes, network: str | None) -> None:
    """Every address brings a route to its network, unless its owner said no."""
    assert rtnetlink.brought_network(address) == network


def test_a_route_reads_the_same_at_any_time() -> None:
    """Link states and the cache's counters are the kernel's notes; `onlink` is what was asked."""
    noted = with_header(VIA, flags=4 | 1 | 16)  # dead and without carrier
    noted += struct.pack("=HH32s", 36, 12, b"\1" * 32)

    assert rtnetlink.as_set(noted) == rtnetlink.as_set(VIA) == VIA


def test_gateways_are_told() -> None:
    """A route that needs another one first is known as such."""
    assert rtnetlink.has_gateway(VIA)
    assert not rtnetlink.has_gateway(VIA[:12])
