"""The kernel's own messages about addresses and routes, kept to be sent back one day.

`ip address save` and `ip route save` do the same: a message that was received makes, sent back,
what it told of, with whatever metric, label or lifetime we know nothing about. A message here
comes without its netlink header. Layouts are those of linux/if_addr.h and linux/rtnetlink.h.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING, Final

from hotspot.air.nl80211 import attributes

if TYPE_CHECKING:
    from collections.abc import Collection

# struct ifaddrmsg: family, prefix length, flags, scope, index.
_ADDRESS: Final = struct.Struct("=BBBBI")
# struct rtmsg: family, lengths, tos, table, protocol, scope, type, flags.
_ROUTE: Final = struct.Struct("=BBBBBBBBI")

# struct ifinfomsg: family, padding, type, index, flags, which of the flags are meant.
_LINK: Final = struct.Struct("=BxHiII")

_UNSPECIFIED, _INET, _INET6 = 0, 2, 10
_IFF_UP: Final = 0x1
_SCOPE_LINK: Final = 253
_IFA_F_PERMANENT: Final = 0x80
_IFA_F_NOPREFIXROUTE: Final = 0x200
_IFA_ADDRESS, _IFA_LOCAL, _IFA_BROADCAST, _IFA_FLAGS = 1, 2, 4, 8

_TABLE_MAIN, _TABLE_LOCAL = 254, 255
# RTPROT_BOOT, RTN_UNICAST: as `ip route add` has it.
_BOOT, _UNICAST = 3, 1
_CLONED: Final = 0x200
_ONLINK: Final = 4
# RTPROT_REDIRECT and RTPROT_RA: learned again from the routers.
_LEARNED: Final = frozenset({1, 9})
_KERNEL: Final = 2
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_CACHEINFO, _RTA_TABLE, _RTA_VIA = 1, 4, 5, 12, 15, 18


def cidr(address: bytes) -> str:
    """The address that an RTM_NEWADDR speaks of, such as `192.168.1.5/24`."""
    found = dict(attributes(address[_ADDRESS.size :]))
    length = _ADDRESS.unpack_from(address)[1]
    # On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL our own.
    own = found.get(_IFA_LOCAL) or found[_IFA_ADDRESS]
    return f"{ipaddress.ip_address(own)}/{length}"


def lasts(address: bytes) -> bool:
    """Whether the address was set by somebody: every IPv4 one, an IPv6 one without a timer.

    The kernel makes the link-local ones itself, and a router's are learned again.
    """
    family, _, flags, scope, _ = _ADDRESS.unpack_from(address)
    return family != _INET6 or (scope != _SCOPE_LINK and bool(flags & _IFA_F_PERMANENT))


def brought_network(address: bytes) -> str | None:
    """The network to which the kernel adds a route by itself because of this RTM_NEWADDR.

    None where it was told not to: NetworkManager adds that route itself, in the kernel's name.
    """
    found = dict(attributes(address[_ADDRESS.size :]))
    (flags,) = struct.unpack("=I", found.get(_IFA_FLAGS, bytes(4)))
    if flags & _IFA_F_NOPREFIXROUTE:
        return None
    length = _ADDRESS.unpack_from(address)[1]
    return str(ipaddress.ip_network((found[_IFA_ADDRESS], length), strict=False))


def was_set(route: bytes, index: int, brought: Collection[str | None]) -> bool:
    """Whether somebody set this RTM_NEWROUTE, over the interface `index`.

    Not one to a network that an address has `brought`, and none over several interfaces: the
    kernel keeps that while one goes.
    """
    _, length, _, _, table, protocol, _, _, flags = _ROUTE.unpack_from(route)
    found = dict(attributes(route[_ROUTE.size :]))
    over = found.get(_RTA_OIF) == struct.pack("=I", index)
    local = found.get(_RTA_TABLE, struct.pack("=I", table)) == struct.pack("=I", _TABLE_LOCAL)
    if not over or local or flags & _CLONED or protocol in _LEARNED:
        return False
    to = str(ipaddress.ip_network((found[_RTA_DST], length))) if _RTA_DST in found else "default"
    return protocol != _KERNEL or to not in brought


def has_gateway(route: bytes) -> bool:
    """Whether the route leads through another host, which must be reachable first."""
    return not {_RTA_GATEWAY, _RTA_VIA}.isdisjoint(dict(attributes(route[_ROUTE.size :])))


def as_set(route: bytes) -> bytes:
    """The route without what the kernel notes on it: link states, ages, counters.

    So that the same route reads the same at any time.
    """
    *head, flags = _ROUTE.unpack_from(route)
    kept = b"".join(
        _packed(kind, payload)
        for kind, payload in attributes(route[_ROUTE.size :])
        if kind != _RTA_CACHEINFO
    )
    return _ROUTE.pack(*head, flags & _ONLINK) + kept


def link_up(index: int) -> bytes:
    """The RTM_NEWLINK that has a link up (struct ifinfomsg)."""
    return _LINK.pack(_UNSPECIFIED, 0, index, _IFF_UP, _IFF_UP)


def own_address(cidr: ipaddress.IPv4Interface, index: int) -> bytes:
    """The RTM_NEWADDR of an address with its broadcast, on the interface `index`."""
    head = _ADDRESS.pack(_INET, cidr.network.prefixlen, 0, 0, index)
    broadcast = cidr.network.broadcast_address.packed
    own = cidr.ip.packed
    pairs = ((_IFA_LOCAL, own), (_IFA_ADDRESS, own), (_IFA_BROADCAST, broadcast))
    return head + b"".join(_packed(kind, payload) for kind, payload in pairs)


def default_route(gateway: bytes, index: int) -> bytes:
    """The RTM_NEWROUTE of the way out: over the interface `index`, through a host's address."""
    head = (_INET, 0, 0, 0, _TABLE_MAIN, _BOOT, 0, _UNICAST, 0)
    out = _packed(_RTA_OIF, struct.pack("=I", index))
    return _ROUTE.pack(*head) + out + _packed(_RTA_GATEWAY, gateway)


def _packed(kind: int, payload: bytes) -> bytes:
    padding = -len(payload) % 4
    return struct.pack("=HH", 4 + len(payload), kind) + payload + b"\0" * padding
