"""A lease from the packet in which it came, whatever else the packet is."""

from __future__ import annotations

import ipaddress
import json
import struct
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.uplink import lease
from hotspot.uplink.lease import Lease

HARDWARE = bytes.fromhex("420000000000")
OFFERED = ipaddress.IPv4Address("192.168.77.131")
MASK = b"\x01\x04\xff\xff\xff\x00"
ROUTER = b"\x03\x04\xc0\xa8\x4d\x01"
RESOLVERS = b"\x06\x08\xc0\xa8\x4d\x01\x09\x09\x09\x09"
ACK = b"\x35\x01\x05"


@dataclass(frozen=True)
class Message:
    """A DHCP message, as a server acknowledges a lease to us."""

    options: bytes
    own: bytes = OFFERED.packed
    hardware: bytes = HARDWARE
    ports: tuple[int, int] = (67, 68)
    protocol: int = 17
    operation: int = 2
    cookie: bytes = b"\x63\x82\x53\x63"
    more: bytes = b""

    def packed(self) -> bytes:
        """As it comes from a packet socket: IPv4 header (with options), UDP, BOOTP."""
        version = 0x45 + len(self.more) // 4
        head = bytes([version]) + bytes(8) + bytes([self.protocol]) + bytes(10) + self.more
        udp = struct.pack("!HHHH", *self.ports, 8, 0)
        fixed = struct.pack("!4B4sHH4s", self.operation, 1, 6, 0, b"abcd", 0, 0, bytes(4))
        bootp = fixed + self.own + bytes(8) + self.hardware.ljust(16, b"\0") + bytes(192)
        return head + udp + bootp + self.cookie + self.options + b"\xff"


def packet(options: bytes, **other: Any) -> bytes:
    """The octets of a message."""
    return Message(options, **other).packed()


@pytest.mark.parametrize("more", [b"", b"\x94\x04\x00\x00"])
def test_a_lease(more: bytes) -> None:
    """Address, prefix, gateway and resolvers, also behind an IP header with options."""
    found = lease.acknowledged(packet(ACK + MASK + ROUTER + RESOLVERS, more=more), HARDWARE)

    assert found == Lease(
        ipaddress.IPv4Interface("192.168.77.131/24"),
        ipaddress.IPv4Address("192.168.77.1"),
        (ipaddress.IPv4Address("192.168.77.1"), ipaddress.IPv4Address("9.9.9.9")),
    )


BARE = Lease(ipaddress.IPv4Interface("192.168.77.131/24"))
PARTS: list[tuple[bytes, Lease]] = [
    (ACK, BARE),
    (b"\0\0" + ACK + b"\0" + MASK, BARE),
    (ACK + b"\x01\x04\xff\xff\xfc\x00", Lease(ipaddress.IPv4Interface("192.168.77.131/22"))),
    # No host: a multicast group, loopback, "this network".
    (ACK + b"\x03\x04\xe0\x00\x00\x01", BARE),
    (ACK + b"\x06\x08\x7f\x00\x00\x01\x00\x00\x00\x00", BARE),
    # Three octets of an address, and a length that runs over the end.
    (ACK + b"\x03\x03\xc0\xa8\x4d", BARE),
    (ACK + b"\x03\xff\xc0\xa8", BARE),
    # The fourth resolver is one too many.
    (ACK + b"\x06\x10" + b"\x09\x09\x09\x09" * 4,
     Lease(BARE.address, None, (ipaddress.IPv4Address("9.9.9.9"),) * 3)),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), PARTS)
def test_what_makes_sense_of_it(options: bytes, expected: Lease) -> None:
    """Options that make no sense are not there; the others count."""
    assert lease.acknowledged(packet(options), HARDWARE) == expected


@pytest.mark.parametrize(
    "other",
    [
        packet(b"\x35\x01\x02" + MASK),  # an offer
        packet(b"\x35\x01\x06"),  # a refusal
        packet(MASK),
        packet(ACK, hardware=b"\x02\0\0\0\0\x09"),
        packet(ACK, ports=(68, 67)),
        packet(ACK, protocol=6),
        packet(ACK, operation=1),
        packet(ACK, cookie=b"\0\0\0\0"),
        packet(ACK, own=bytes(4)),
        packet(ACK, own=b"\xe0\0\0\x01"),
        packet(ACK + b"\x01\x04\xff\x00\xff\x00"),  # no mask has holes
        packet(ACK + b"\x01\x03\xff\xff\xff"),
        packet(ACK)[:40],
        b"",
        b"\x45",
    ],
)
def test_what_is_no_lease(other: bytes) -> None:
    """Only a whole acknowledgement to our own hardware address is one."""
    assert lease.acknowledged(other, HARDWARE) is None


@given(st.binary(max_size=400) | st.binary(max_size=120).map(packet))
def test_any_packet(data: bytes) -> None:
    """Whatever the octets, they are a lease of a host's address, or nothing."""
    found = lease.acknowledged(data, HARDWARE)

    assert found is None or not found.address.is_multicast


HOSTS = st.ip_addresses(v=4)


@given(
    st.builds(
        Lease,
        st.builds(
            lambda ip, length: ipaddress.IPv4Interface((ip, length)), HOSTS, st.integers(0, 32)
        ),
        st.none() | HOSTS,
        st.lists(HOSTS, max_size=3).map(tuple),
    )
)
def test_what_is_written_is_read(known: Lease) -> None:
    """A lease outlives its JSON."""
    assert lease.read(json.dumps(lease.written(known))) == known
