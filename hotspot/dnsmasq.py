"""dnsmasq's configuration: DHCP for IPv4 on one interface, and nothing else it could do.

No DNS (`port=0`), no DHCPv6, no router advertisements, no TFTP, no script: each of these is off
unless asked for, and nothing here asks. Values reach the text through `hotspot.config.values`
only, so none of them can hold a comma, a blank or a quote.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

from hotspot.config import values
from hotspot.settings import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Interface

    from hotspot.settings import Network

FILE: Final = "dnsmasq.conf"
LEASES: Final = "dnsmasq.leases"

# dnsmasq walks its leases one by one and writes all of them at every change, so a /16 must not
# mean 65,000; more stations than this no radio holds.
LEASES_MOST: Final = 4096

_NO_TLS: Final = Portal()


def render(network: Network, *, interface: str, runtime: str, portal: Portal = _NO_TLS) -> str:
    """The text of dnsmasq.conf: one directive per line.

    `runtime` is the runtime directory, where the leases go; a `portal` with a name has its API
    announced. Raises `values.NotAllowed`.
    """
    values.interface(interface)
    values.plain_directory(runtime)
    values.address(str(network.address))
    values.lease(network.lease)
    lines = [*_service(runtime), *_link(interface), *_dhcp(network), *_captive(portal)]
    return "".join(f"{line}\n" for line in lines)


def pools(address: IPv4Interface) -> list[tuple[IPv4Address, IPv4Address]]:
    """The ranges of addresses to lease, first and last: every host of the network but our own."""
    own = int(address.ip)
    first = int(address.network.network_address) + 1
    last = int(address.network.broadcast_address) - 1
    sides = ((first, own - 1), (own + 1, last))
    return [(IPv4Address(low), IPv4Address(high)) for low, high in sides if low <= high]


def _service(runtime: str) -> Iterator[str]:
    yield "keep-in-foreground"
    # Empty: no pid file. Whoever started us holds the process.
    yield "pid-file="
    yield "log-facility=-"
    # Not a line per lease: three phones that come and go would fill the journal.
    yield "quiet-dhcp"
    yield "port=0"
    yield "no-resolv"
    yield "no-hosts"
    yield f"dhcp-leasefile={runtime}/{LEASES}"


def _link(interface: str) -> Iterator[str]:
    yield f"interface={interface}"
    # Beside other DHCP servers of this machine (libvirt, lxd): share port 67 with them instead
    # of holding it for all interfaces, and stand an address that comes late or moves.
    yield "bind-dynamic"


def _dhcp(network: Network) -> Iterator[str]:
    own, mask = network.address.ip, network.address.netmask
    addresses = 0
    for first, last in pools(network.address):
        addresses += int(last) - int(first) + 1
        yield f"dhcp-range={first},{last},{mask},{network.lease}"
    yield f"dhcp-lease-max={min(addresses, LEASES_MOST)}"
    yield f"dhcp-option=option:router,{own}"
    # With port=0 dnsmasq would name no resolver at all.
    yield f"dhcp-option=option:dns-server,{own}"
    # The only server here: a phone that asks for an old address is told no at once, and one that
    # offers rapid commit (RFC 4039) has its lease in two messages instead of four.
    yield "dhcp-authoritative"
    yield "dhcp-rapid-commit"
    # Or it pings an address before it first offers it and waits for silence: 3.0 s to an offer
    # instead of 0.4 ms (dnsmasq 2.90 over a veth pair).
    yield "no-ping"
    # What a station calls itself is hostile input that nothing here needs.
    yield "dhcp-ignore-names"


def _captive(portal: Portal) -> Iterator[str]:
    if portal.name is not None:
        values.name(portal.name)
        # RFC 8910 2.1: the API's URL, never one with an address in it. By number: the name
        # `captive-portal` is newer than Debian 12's dnsmasq.
        yield f'dhcp-option=114,"{portal.api}"'
