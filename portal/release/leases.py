"""The leases dnsmasq has given out, as its lease file has them.

One line a lease: expiry (seconds since 1970, 0 for never), MAC, address, the client's name or
"*", client identifier or "*" (dnsmasq(8), `--dhcp-leasefile`; written by lease_update_file in
its lease.c). The name comes from the client, so it is hostile.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

_LINE: Final = re.compile(
    r"(?P<expiry>[0-9]{1,12}) (?:[0-9a-f]{2}-)?(?P<mac>[0-9a-f]{2}(?::[0-9a-f]{2}){5}) "
    r"(?P<address>[0-9.]{7,15}) (?P<name>\S+)(?: .*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Lease:
    """One client's hold on an address. `expires` is in seconds since 1970; `name` may be ""."""

    address: str
    mac: str
    expires: float
    name: str


def read(text: str) -> dict[str, Lease]:
    """The leases in a lease file, by address. Lines that are none are passed over."""
    return {lease.address: lease for lease in map(_lease, text.splitlines()) if lease}


def _lease(line: str) -> Lease | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    try:
        address = str(ipaddress.IPv4Address(match["address"]))
    except ValueError:
        return None
    expiry = float(match["expiry"])
    name = match["name"] if match["name"] != "*" and match["name"].isprintable() else ""
    return Lease(address, match["mac"].lower(), expiry or float("inf"), name)
