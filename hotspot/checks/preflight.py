"""What must be true before anything is changed; each refusal names its remedy.

Looks and asks, changes nothing. The ports are tried by binding them as their servers will, so
that what counts is the kernel's word and not a guess about who might be in the way.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot.checks import holders
from hotspot.errors import Refused
from hotspot.machine import neighbours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotspot.air.nl80211 import Adapter
    from hotspot.checks.holders import Protocol

# The program, and the Debian package it comes in.
_PROGRAMS: Final = {"hostapd": "hostapd", "dnsmasq": "dnsmasq-base", "nft": "nftables"}
_PORTS: Final[tuple[tuple[Protocol, int], ...]] = (
    ("udp", 53),
    ("tcp", 53),
    ("udp", 67),
    ("tcp", 80),
)
_TLS_PORTS: Final[tuple[tuple[Protocol, int], ...]] = (("tcp", 443),)
_DHCP: Final = 67
# linux/in.h: bind to an address that is not there yet.
_IP_FREEBIND: Final = 15


def root() -> None:
    """Refuse to go on without root."""
    if os.geteuid() != 0:
        remedy = "run it with sudo, or try `vestibule run --demo`, which needs no root"
        raise Refused("an access point needs root", remedy)


def programs(path: str) -> None:
    """Refuse to go on without the distribution's programs; `path` is where to look, as PATH."""
    missing = not_installed(path)
    if missing:
        names = ", ".join(name for name, package in _PROGRAMS.items() if package in missing)
        raise Refused(f"not installed: {names}", f"apt install {' '.join(missing)}")


def not_installed(path: str) -> list[str]:
    """The Debian packages whose program is not below `path`, as PATH."""
    return [package for name, package in _PROGRAMS.items() if not shutil.which(name, path=path)]


def adapter(adapters: Sequence[Adapter], wanted: str | None) -> Adapter:
    """The adapter to use: the one called `wanted`, else the first that can be an access point."""
    if not adapters:
        remedy = "plug one in; if it is, its driver or firmware is missing (dmesg says which)"
        raise Refused("no Wi-Fi adapter", remedy)
    names = ", ".join(one.interface for one in adapters)
    named = [one for one in adapters if wanted in {None, one.interface}]
    if not named:
        raise Refused(f"no Wi-Fi adapter {wanted}", f"there is {names}: set radio.interface")
    able = [one for one in named if one.can_be_access_point]
    if not able:
        who = wanted or names
        remedy = "use another adapter: `iw list` must name AP among its supported interface modes"
        raise Refused(f"{who} cannot be an access point, its driver has no AP mode", remedy)
    return able[0]


def rfkill(interface: str, sysfs: Path = Path("/sys")) -> None:
    """Refuse to go on while the radio is switched off (linux/rfkill.h)."""
    by = blocked(interface, sysfs)
    if by == "hardware":
        remedy = "switch Wi-Fi on by the machine's switch or key"
        raise Refused(f"{interface} is switched off by hardware (rfkill)", remedy)
    if by:
        # Raspberry Pi OS blocks Wi-Fi until a country has been chosen.
        raise Refused(f"{interface} is switched off by software (rfkill)", "rfkill unblock wlan")


def blocked(interface: str, sysfs: Path = Path("/sys")) -> str:
    """By what a radio is switched off: "hardware", "software", or "" for not at all."""
    switches = rfkill_switches(interface, sysfs)
    if any(_is_on(switch / "hard") for switch in switches):
        return "hardware"
    return "software" if any(_is_on(switch / "soft") for switch in switches) else ""


def rfkill_switches(interface: str, sysfs: Path = Path("/sys")) -> list[Path]:
    """The directories of the switches that a radio has."""
    return sorted((sysfs / "class/net" / interface / "phy80211").glob("rfkill*"))


def supplicant(interface: str, control: Path = Path("/run/wpa_supplicant")) -> None:
    """Refuse to go on beside a wpa_supplicant that cannot be told to sit still."""
    if (control / interface).exists():
        return
    pid = neighbours.silent_supplicant(interface)
    if pid is not None:
        remedy = f"stop it, or set ctrl_interface={control} in its configuration"
        raise Refused(f"wpa_supplicant (pid {pid}) uses {interface} and cannot be asked", remedy)


def ports(interface: str, address: str, *, tls: bool = False) -> None:
    """Refuse to go on while another process holds a port on the access point's address."""
    for protocol, port in taken(interface, address, tls=tls):
        by = holders.of_port(protocol, port, address) or "another process"
        what = f"{protocol.upper()} port {port} is taken by {by}"
        raise Refused(what, f"stop it, or have it listen on other addresses than {address}")


def taken(interface: str, address: str, *, tls: bool = False) -> Iterator[tuple[Protocol, int]]:
    """The ports that cannot be bound on the access point's address. Raises `OSError`."""
    for protocol, port in (*_PORTS, *(_TLS_PORTS if tls else ())):
        if _is_taken(protocol, port, interface, address):
            yield protocol, port


def _is_taken(protocol: Protocol, port: int, interface: str, address: str) -> bool:
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        if protocol == "tcp":
            # Connections of the run before, in TIME_WAIT, are no reason to stay away.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port == _DHCP:
            # As dnsmasq with bind-dynamic: beside other DHCP servers that share.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            trial.bind(("" if port == _DHCP else address, port))
            if protocol == "tcp":
                trial.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return True
    return False


def _is_on(file: Path) -> bool:
    with contextlib.suppress(OSError):
        return file.read_text(encoding="ascii").strip() == "1"
    return False
