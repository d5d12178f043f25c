"""systemd-networkd's part of a home network, where it runs: an address on that network only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hotspot.config import values

if TYPE_CHECKING:
    from hotspot.uplink.wanted import Wanted

# The first file that matches counts (systemd.network(5)), and names of digits sort first.
PREFIX: Final = "05-vestibule-"
SUFFIX: Final = ".network"


def name(interface: str, key: str) -> str:
    """The file's name: another one for each join, so that an older one's stays until it goes."""
    return f"{PREFIX}{values.interface(interface)}-{key}{SUFFIX}"


def render(wanted: Wanted, interface: str) -> str:
    """The file: a lease, or the fixed address, while the interface is on this network."""
    return "\n".join(
        [
            "# Vestibule wrote this; `vestibule forget` removes it.",
            "[Match]",
            f"Name={values.interface(interface)}",
            f"SSID={_pattern(wanted.ssid)}",
            "[Network]",
            *_address(wanted),
            "",
        ]
    )


def _address(wanted: Wanted) -> list[str]:
    fixed = wanted.address
    if fixed is None:
        return ["DHCP=yes"]
    resolvers = [f"DNS={resolver}" for resolver in fixed.resolvers]
    return [f"Address={fixed.address}", f"Gateway={fixed.gateway}", *resolvers]


def _pattern(ssid: bytes) -> str:
    """A shell pattern of the name: what could mean something in this file stands for anything."""
    return re.sub(rb"[^A-Za-z0-9_.-]+", b"*", ssid).decode("ascii")
