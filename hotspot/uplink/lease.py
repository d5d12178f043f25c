"""A lease: an address with what belongs to it, from the packet in which a DHCP server gave it.

RFC 2131 2 has the layout, RFC 2132 the options. Every octet was chosen by a stranger: what is no
address of a host is not there.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

IPv4 = ipaddress.IPv4Address

_UDP: Final = 17
_SERVER, _CLIENT = (67).to_bytes(2), (68).to_bytes(2)
_REPLY: Final = 2
_COOKIE: Final = b"\x63\x82\x53\x63"
_OWN, _HARDWARE, _MAGIC, _OPTIONS = 16, 28, 236, 240
_PAD, _END = 0, 255
_MASK, _ROUTER, _RESOLVERS, _KIND = 1, 3, 6, 53
_ACK: Final = b"\x05"
_OCTETS: Final = 4
# What a resolver's configuration holds (resolv.conf(5), MAXNS).
_MOST_RESOLVERS: Final = 3


@dataclass(frozen=True, slots=True)
class Lease:
    """An address with its prefix, the gateway (`None` if none was offered), and the resolvers."""

    address: ipaddress.IPv4Interface
    gateway: IPv4 | None = None
    resolvers: tuple[IPv4, ...] = ()


def acknowledged(packet: bytes, hardware: bytes) -> Lease | None:
    """The lease in an IPv4 packet, if it is a server's DHCPACK to the address `hardware`."""
    head = (packet[0] & 0x0F) * 4 if packet else 0
    udp, message = packet[head : head + 8], packet[head + 8 :]
    is_ours = len(packet) > head and packet[9:10] == bytes([_UDP]) and udp[:2] == _SERVER
    if not is_ours or udp[2:4] != _CLIENT or message[:1] != bytes([_REPLY]):
        return None
    to = message[_HARDWARE : _HARDWARE + len(hardware)]
    if to != hardware or message[_MAGIC:_OPTIONS] != _COOKIE:
        return None
    options = dict(_options(message[_OPTIONS:]))
    if options.get(_KIND) != _ACK:
        return None
    return _lease(message[_OWN : _OWN + _OCTETS], options)


def _lease(own: bytes, options: dict[int, bytes]) -> Lease | None:
    address = next(_hosts(own), None)
    # Without a mask the old classes count (RFC 950); at home that is /24.
    mask = options.get(_MASK, b"\xff\xff\xff\0")
    try:
        found = ipaddress.IPv4Interface(f"{address}/{IPv4(mask)}")
    except ValueError:
        return None
    gateway = next(_hosts(options.get(_ROUTER, b"")), None)
    return Lease(found, gateway, tuple(_hosts(options.get(_RESOLVERS, b"")))[:_MOST_RESOLVERS])


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each option, as far as the lengths are true."""
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            return
        yield data[at], data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]


def _hosts(octets: bytes) -> Iterator[IPv4]:
    for at in range(0, len(octets) - _OCTETS + 1, _OCTETS):
        found = IPv4(octets[at : at + _OCTETS])
        special = found.is_loopback or found.is_multicast or found.is_reserved
        if not special and found.packed[0] != 0:
            yield found


def written(lease: Lease) -> dict[str, object]:
    """The lease as a JSON object."""
    return {
        "address": str(lease.address),
        "gateway": str(lease.gateway) if lease.gateway else None,
        "resolvers": [str(one) for one in lease.resolvers],
    }


def read(text: str | bytes) -> Lease:
    """The lease of a JSON text that we wrote. Raises `ValueError`, `KeyError` or `TypeError`."""
    document = json.loads(text)
    gateway = document["gateway"]
    return Lease(
        ipaddress.IPv4Interface(document["address"]),
        IPv4(gateway) if gateway is not None else None,
        tuple(map(IPv4, document["resolvers"])),
    )
