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
    name, programs = radio.name, facts.programs
    if radio.silent_supplicant is not None and not facts.running:
        what = f"wpa_supplicant (pid {radio.silent_supplicant}) uses {name} and cannot be asked"
        remedy = "stop it, or set ctrl_interface=/run/wpa_supplicant in its configuration"
        yield problem("neighbours", what, remedy)
    for held in sorted(radio.held_by):
        what = f"{held} looks after {name}; a start tells it to leave it alone"
        yield note("neighbours", what)
    if "iwd" in programs:
        remedy = f"systemctl disable --now iwd, or keep it off {name}"
        yield warning("neighbours", f"iwd runs and would take {name} back", remedy)
    if "connmand" in programs:
        remedy = f"put {name} into NetworkInterfaceBlacklist of /etc/connman/main.conf"
        yield warning("neighbours", f"ConnMan runs and would take {name} back", remedy)
    if "dhcpcd" in programs:
        remedy = f"add `denyinterfaces {name}` to /etc/dhcpcd.conf, then restart it"
        yield warning("neighbours", f"dhcpcd may give {name} an address of its own", remedy)
    if "hostapd" in programs and not facts.running:
        remedy = "see which interface it has (ps -C hostapd -f); stop it if it is the same"
        yield warning("neighbours", f"another hostapd runs{_pids(programs['hostapd'])}", remedy)
    known = {"iwd", "connmand", "dhcpcd"} | (set() if facts.running else {"hostapd"})
    if not radio.held_by and radio.silent_supplicant is None and not known & programs.keys():
        yield fine("neighbours", f"nobody else looks after {name}")


def _ports(facts: Facts) -> Iterator[Finding]:
    if facts.running:
        yield fine("ports", "ours, as Vestibule runs")
        return
    if facts.ports is None:
        yield note("ports", "whether they are free cannot be seen", "run it as root")
        return
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


def _pids(pids: tuple[int, ...]) -> str:
    return f" (pid {', '.join(map(str, pids))})" if pids else ""
