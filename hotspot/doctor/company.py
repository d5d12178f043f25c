"""Findings about who else is on this machine: who looks after the radio, who has our ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from hotspot.doctor.finding import Finding, fine, note, problem, warning

if TYPE_CHECKING:
    from hotspot.doctor.facts import Facts, Port, Radio

# Names as /proc/PID/comm has them, cut to 15 characters (proc(5)).
WATCHED: Final = (
    *("NetworkManager", "wpa_supplicant", "dhcpcd", "connmand", "iwd", "hostapd"),
    *("systemd-resolve", "systemd-network", "dnsmasq", "named", "unbound"),
    *("nginx", "apache2", "lighttpd", "caddy", "avahi-daemon"),
)

# What each does with an interface, and what keeps it off.
_MEDDLERS: Final[Mapping[str, tuple[str, str]]] = {
    "iwd": (
        "iwd runs and would take {interface} back",
        "systemctl disable --now iwd, or keep it off {interface}",
    ),
    "connmand": (
        "ConnMan runs and would take {interface} back",
        "put {interface} into NetworkInterfaceBlacklist of /etc/connman/main.conf",
    ),
    "dhcpcd": (
        "dhcpcd may give {interface} an address of its own",
        "add `denyinterfaces {interface}` to /etc/dhcpcd.conf, then restart it",
    ),
}
_STRANGERS: Final[Mapping[str, tuple[str, str]]] = {
    "hostapd": (
        "another hostapd runs (pid {pids})",
        "see which interface it has (ps -C hostapd -f); stop it if it is {interface}",
    ),
    # Port 67 is shared between DHCP servers, so no bind would tell.
    "dnsmasq": (
        "another dnsmasq runs (pid {pids}) and may answer DHCP on {interface} too",
        "add `except-interface={interface}` to its configuration, then restart it",
    ),
}

# Who is in the way only where they have our ports, by the names people know.
_SERVERS: Final[Mapping[str, str]] = {
    "systemd-resolve": "systemd-resolved",
    "named": "BIND",
    "unbound": "Unbound",
    "nginx": "nginx",
    "apache2": "Apache",
    "lighttpd": "lighttpd",
    "caddy": "Caddy",
}

# What the holder of a port can do besides ending.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "nginx": "have it `listen` on its own address and port instead of on all (listen ADDRESS:80)",
    "apache2": "have it `Listen` on its own address instead of on all (Listen ADDRESS:80)",
    "lighttpd": 'have it listen on its own address: server.bind = "ADDRESS"',
    "caddy": "have it `bind` its own address",
    "dnsmasq": "have it stay on its own interfaces: interface=… and bind-dynamic",
    "systemd-resolve": "take DNSStubListenerExtra= out of /etc/systemd/resolved.conf",
    "named": "have it listen-on its own addresses",
    "unbound": "name its own `interface:` addresses",
}


def findings(facts: Facts) -> Iterator[Finding]:
    """Neighbours on the radio, then on the ports."""
    chosen = facts.chosen
    if chosen is not None:
        yield from _on_the_radio(facts, chosen)
    yield from _ports(facts)
    if "avahi-daemon" in facts.programs and facts.settings and facts.settings.portal.mdns:
        yield note("neighbours", "avahi-daemon runs too: the two share multicast DNS and get along")


def _on_the_radio(facts: Facts, radio: Radio) -> Iterator[Finding]:
    name, found = radio.name, list(_meddlers(facts, radio.name))
    if radio.silent_supplicant is not None and not facts.running:
        what = f"wpa_supplicant (pid {radio.silent_supplicant}) uses {name} and cannot be asked"
        remedy = "stop it, or set ctrl_interface=/run/wpa_supplicant in its configuration"
        found.insert(0, problem("neighbours", what, remedy))
    found += [
        note("neighbours", f"{held} looks after {name}; a start tells it to leave it alone")
        for held in sorted(radio.held_by)
    ]
    yield from found or [fine("neighbours", f"nobody else looks after {name}")]


def _meddlers(facts: Facts, interface: str) -> Iterator[Finding]:
    """Programs that cannot be told to leave an interface alone, as far as we know how."""
    # While we run, a hostapd and a dnsmasq are ours.
    known = _MEDDLERS if facts.running else {**_MEDDLERS, **_STRANGERS}
    for name, (says, remedy) in known.items():
        if name in facts.programs:
            pids = ", ".join(map(str, facts.programs[name]))
            what = says.format(interface=interface, pids=pids)
            yield warning("neighbours", what, remedy.format(interface=interface))


def _ports(facts: Facts) -> Iterator[Finding]:
    if facts.running:
        yield fine("ports", "ours, as Vestibule runs")
        return
    if facts.ports is None:
        yield note("ports", "whether they are free cannot be seen", "run it as root")
        return
    beside = [each for name, each in _SERVERS.items() if name in facts.programs]
    if beside and not facts.ports:
        yield fine("ports", f"{', '.join(beside)} beside us, on ports and addresses of their own")
    if not facts.ports:
        numbers = "53, 67, 80 and 443" if facts.certificate else "53, 67 and 80"
        yield fine("ports", f"{numbers} are free")
    for port in facts.ports:
        by = port.holder or "another program (root can see which)"
        what = f"{port.protocol.upper()} port {port.number} is taken by {by}"
        yield problem("ports", what, _give_way(port, facts.address))


def _give_way(port: Port, address: str) -> str:
    own = next((words for name, words in _ELSEWHERE.items() if port.holder.startswith(name)), "")
    return own or f"stop it, or have it listen on other addresses than {address}"
