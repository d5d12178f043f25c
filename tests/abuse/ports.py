"""What nmap finds on the appliance, from both of its sides."""

from __future__ import annotations

import re
from typing import Final

from tests.abuse.appliance import OWN, UPLINK, Appliance
from tests.hotspot.wire import Machine

# A port of no service of ours, on which a careless one listens.
CONTROL: Final = 8080
EXPECTED: Final = {
    "open": {"53/tcp", "80/tcp", "53/udp", "67/udp"},
    "closed": {"443/tcp", "853/tcp"},
}
# Each port's state in nmap's grepable output: `80/open/tcp//http///`.
_PORT: Final = re.compile(r"(\d+)/([a-z|]+)/(tcp|udp)/")
# No name server, no ping, and a wire that loses nothing.
_QUICK: Final = ("-n", "-Pn", "--min-rate", "20000", "--max-retries", "1", "-oG", "-")
# nmap's own DHCP client: it asks from port 68, without which port 67 is silent.
_DHCP: Final = ("--script", "dhcp-discover")


def from_a_station(house: Appliance, tcp: str, udp: str = "1-1000") -> dict[str, set[str]]:
    """The ports that answer a station, by what they answer; silence is not mentioned."""
    answers = [
        *_scan(house.station, OWN, "-sS", "-p", tcp),
        *_scan(house.station, OWN, "-sU", "-p", udp),
        *_scan(house.station, OWN, "-sU", "-p", "67", *_DHCP),
    ]
    found: dict[str, set[str]] = {}
    for port, state in answers:
        if "filtered" not in state:
            found.setdefault(state, set()).add(port)
    return found


def from_beyond(house: Appliance, tcp: str) -> set[str]:
    """The ports open to a machine on the other side, at either address of the appliance."""
    scans = [
        *(_scan(house.beyond, host, "-sS", "-p", tcp) for host in (OWN, UPLINK)),
        *(_scan(house.beyond, host, "-sU", "-p", "53,67,68,80") for host in (OWN, UPLINK)),
        _scan(house.beyond, OWN, "-sU", "-p", "67", *_DHCP),
    ]
    return {port for scan in scans for port, state in scan if state == "open"}


def _scan(machine: Machine, host: str, *words: str) -> list[tuple[str, str]]:
    """Port and state of each that nmap mentions; the many that are alike it only counts."""
    said = machine.run("nmap", *_QUICK, *words, host)
    if "1 host up" not in said:
        raise RuntimeError(f"nmap did not scan: {said}")
    return [(f"{port}/{protocol}", state) for port, state, protocol in _PORT.findall(said)]
