"""The home network from inside: a process in a network namespace of its own.

    unshare --net python -m hotspot.uplink.trial

or vestibule-trial@.service, which has PrivateNetwork= and nothing of the agent's rights.

Its parent moves a child of the station interface into the namespace, which is called `home`
there, and then asks, one JSON object a line: take an address, does the gateway answer, does the
network lead to the Internet. So addresses may overlap with the access point's or equal a
phone's, and this machine's own routes stay as they are. The namespace ends with the process.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspot import netlink
from hotspot.uplink import internet, lease, wire
from hotspot.uplink.internet import Check, Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

INTERFACE: Final = "home"

_ALL: Final = 3  # ETH_P_ALL, linux/if_ether.h
_ARP: Final = 0x0806
# Wi-Fi in power save answers a broadcast with the next DTIM, 0.1 to 0.3 s; some routers sleep.
_ARP_SECONDS: Final = 1.0
_ARP_TRIES: Final = 5
_DNS_SECONDS: Final = 2.5
_DNS_TRIES: Final = 2
_HTTP_SECONDS: Final = 6.0
_LARGEST: Final = 65_536
_HEAD: Final = 16_384


def main() -> None:
    """Serve the parent until it closes its end."""
    _without_ipv6()
    _say({"ready": True, "pid": os.getpid()})
    for line in sys.stdin:
        order = json.loads(line)
        try:
            _say(_ORDERS[order["do"]](order))
        except OSError as error:
            _say({"error": error.strerror or str(error)})


def _say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _without_ipv6() -> None:
    """No address from a router that is tried for IPv4: /proc/sys/net is our own namespace's."""
    with contextlib.suppress(OSError):
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1\n")


def take(order: dict[str, Any]) -> dict[str, Any]:
    """Take the address of a lease, and its gateway as the way out."""
    found = lease.read(json.dumps(order["lease"]))
    netlink.furnish(socket.if_nametoindex(INTERFACE), found.address, found.gateway)
    return {"taken": str(found.address)}


def gateway(order: dict[str, Any]) -> dict[str, Any]:
    """Whether somebody answers for the gateway's address, by ARP: every router must."""
    own, wanted = ipaddress.IPv4Address(order["own"]), ipaddress.IPv4Address(order["gateway"])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP)) as asking:
        asking.bind((INTERFACE, _ARP))
        hardware = asking.getsockname()[4]
        for _ in range(_ARP_TRIES):
            asking.send(wire.arp_request(hardware, own, wanted))
            for frame in _received(asking, _ARP_SECONDS):
                if wire.arp_answers(frame, wanted):
                    return {"answers": True}
    return {"answers": False}


def reach(order: dict[str, Any]) -> dict[str, Any]:
    """How far the network leads, by names from its own resolvers."""
    found: list[tuple[Reach, str]] = []
    resolvers = order["resolvers"]
    for check in internet.CHECKS:
        addresses = resolved(check.host, resolvers)
        found.append(internet.reach(check, _asked(check, addresses)))
        if found[-1][0] is Reach.INTERNET:
            break
    how, url = internet.together(found)
    return {"reach": how, "url": url}


def resolved(name: str, resolvers: Sequence[str], port: int = 53) -> list[str]:
    """The addresses of a name, by the first of the resolvers that answers."""
    for _ in range(_DNS_TRIES):
        for resolver in resolvers:
            query = wire.dns_query(int.from_bytes(os.urandom(2)), name)
            with (
                contextlib.suppress(OSError),
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking,
            ):
                asking.connect((resolver, port))
                asking.send(query)
                for answer in _received(asking, _DNS_SECONDS):
                    addresses = wire.dns_addresses(answer, query)
                    if addresses is not None:
                        return [str(one) for one in addresses]
    return []


def _asked(check: Check, addresses: Sequence[str], port: int = 80) -> wire.Answer | None:
    """The answer of the first of the addresses that gives one."""
    for address in addresses[:2]:
        with contextlib.suppress(OSError):
            found = asked(check, address, port)
            if found is not None:
                return found
    return None


def asked(check: Check, address: str, port: int = 80) -> wire.Answer | None:
    """The answer to one check. Raises `OSError`."""
    deadline = time.monotonic() + _HTTP_SECONDS
    with socket.create_connection((address, port), timeout=_HTTP_SECONDS) as asking:
        asking.sendall(wire.http_request(check.host, check.path))
        data = b""
        while len(data) < _HEAD:
            asking.settimeout(max(0.1, deadline - time.monotonic()))
            piece = asking.recv(_HEAD)
            if not piece:
                break
            data += piece
    return wire.http_answer(data)


def _received(asking: socket.socket, seconds: float) -> Iterator[bytes]:
    """What comes in within `seconds`."""
    deadline = time.monotonic() + seconds
    while select.select([asking], [], [], max(0.0, deadline - time.monotonic()))[0]:
        yield asking.recv(_LARGEST)


_ORDERS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "take": take,
    "gateway": gateway,
    "reach": reach,
}


if __name__ == "__main__":
    main()
