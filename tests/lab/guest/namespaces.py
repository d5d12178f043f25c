"""A network namespace for each machine that is not the appliance.

One kernel holds all radios: without a namespace of its own, a station's packets to the access
point would be local ones and never touch the air.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.lab.guest.program import run

PER_NAMESPACE: Final = Path("/etc/netns")


def make(name: str) -> None:
    """A namespace with a loopback and a resolv.conf of its own, which is empty."""
    folder = PER_NAMESPACE / name
    folder.mkdir(parents=True, exist_ok=True)
    # `ip netns exec` binds it over /etc/resolv.conf. It is written in place, never renamed.
    (folder / "resolv.conf").write_text("")
    run("ip", "netns", "add", name)
    run(*inside(name), "ip", "link", "set", "lo", "up")


def take_radio(name: str, radio: int) -> None:
    """Move radio number `radio`, with its wlan interface, into the namespace."""
    run("iw", "phy", f"phy{radio}", "set", "netns", "name", name)


def inside(name: str) -> list[str]:
    """The beginning of an argv that runs in the namespace."""
    return ["ip", "netns", "exec", name]


def resolver(name: str) -> str:
    """The namespace's resolv.conf."""
    return (PER_NAMESPACE / name / "resolv.conf").read_text()
