"""What udhcpc tells of a lease, and the program that it tells.

udhcpc starts its script as `SCRIPT EVENT`, with what the server said in the environment. Here
the script is Python itself, and each event's name is a link to this file in the directory where
udhcpc runs: on Debian nothing in /run can be executed, but it can be read. No shell, and every
value was chosen by a stranger: what is no address is not there.
"""

from __future__ import annotations

import ipaddress
import json
import os
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = "lease.json"
# Those with which udhcpc calls its script (busybox: networking/udhcp/dhcpc.c).
EVENTS = ("deconfig", "bound", "renew", "nak", "leasefail")
_MOST_RESOLVERS = 3


class Lease:
    """An address with its prefix, the gateway (`None` if none was offered), and the resolvers."""

    def __init__(
        self,
        address: ipaddress.IPv4Interface,
        gateway: ipaddress.IPv4Address | None = None,
        resolvers: tuple[ipaddress.IPv4Address, ...] = (),
    ) -> None:
        self.address = address
        self.gateway = gateway
        self.resolvers = resolvers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lease) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.address, self.gateway, self.resolvers))

    def __repr__(self) -> str:
        return f"Lease({self.address}, {self.gateway}, {self.resolvers})"


def read(environment: Mapping[str, str]) -> Lease | None:
    """The lease in udhcpc's words: ip, mask or subnet, router, dns; `None` if it is unusable."""
    prefix = environment.get("mask") or environment.get("subnet") or "24"
    try:
        address = ipaddress.IPv4Interface(f"{environment['ip']}/{prefix}")
    except (KeyError, ValueError):
        return None
    if not _is_host(address.ip):
        return None
    gateway = next(_hosts(environment.get("router", "")), None)
    resolvers = tuple(_hosts(environment.get("dns", "")))[:_MOST_RESOLVERS]
    return Lease(address, gateway, resolvers)


def written(lease: Lease) -> dict[str, object]:
    """The lease as a JSON object."""
    return {
        "address": str(lease.address),
        "gateway": str(lease.gateway) if lease.gateway else None,
        "resolvers": [str(one) for one in lease.resolvers],
    }


def from_json(text: str | bytes) -> Lease:
    """The lease of a JSON text that we wrote. Raises `ValueError`, `KeyError` or `TypeError`."""
    document = json.loads(text)
    gateway = document["gateway"]
    return Lease(
        ipaddress.IPv4Interface(document["address"]),
        ipaddress.IPv4Address(gateway) if gateway is not None else None,
        tuple(map(ipaddress.IPv4Address, document["resolvers"])),
    )


def _hosts(text: str) -> Iterator[ipaddress.IPv4Address]:
    for each in text.split():
        try:
            found = ipaddress.IPv4Address(each)
        except ValueError:
            continue
        if _is_host(found):
            yield found


def _is_host(ip: ipaddress.IPv4Address) -> bool:
    return not (ip.is_loopback or ip.is_multicast or ip.is_reserved or ip.packed[0] == 0)


def main() -> None:
    """Leave the lease in the working directory, whole."""
    lease = read(os.environ)
    if lease is not None:
        beside = Path(f".{FILE}")
        beside.write_text(json.dumps(written(lease)), encoding="ascii")
        beside.rename(FILE)


if __name__ == "__main__":
    main()
