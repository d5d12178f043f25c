"""Whether the machine is on a network by its Wi-Fi interface, told when that changes.

The kernel rings (rtnetlink: links, addresses, routes), and only then a few small files are read:
nothing is asked again and again, and of the kernel's messages not a byte is parsed. Any network
counts: who has put the machine on another one than ours does not want it taken off.
"""

from __future__ import annotations

import contextlib

from hotspot.supervisor.bell import Bell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.supervisor.loop import Loop

# linux/rtnetlink.h: RTMGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE.
_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
# proc_net: flag U; in /proc/net/route addresses are in the machine's byte order, and 169.254/16
# is what a machine gives itself where nobody gives it anything (RFC 3927).
_UP = 0x1
_SELF_MADE = ("0000FEA9", "A9FE0000")
# Link-local and multicast, which every link has: fe80::/10 and ff00::/8.
_OWN = ("fe80", "ff00")


class Homewatch:
    """Watches `interface` between `begin` and `end`; `told(home)` hears how it is, and changes."""

    def __init__(self, loop: Loop, told: Callable[[bool], None]) -> None:
        self._loop = loop
        self._told = told
        self._bell: Bell | None = None
        self._interface = ""
        self._last: bool | None = None

    @property
    def watching(self) -> bool:
        """Whether it watches."""
        return self._bell is not None

    def begin(self, interface: str) -> None:
        """From now on; how it is now is told at once."""
        self.end()
        self._interface = interface
        self._bell = Bell(self._loop, _GROUPS, self._look)
        self._look()

    def end(self) -> None:
        """No longer."""
        if self._bell:
            self._bell.close()
        self._bell = None
        self._last = None

    def _look(self) -> None:
        now = is_on_a_network(self._interface)
        if now != self._last:
            self._last = now
            self._told(now)


def is_on_a_network(interface: str, root: str = "") -> bool:
    """Whether the link works and a route over it leads anywhere; `root` is for tests."""
    state = _text(f"{root}/sys/class/net/{interface}/operstate").strip()
    # "unknown" is what drivers say that do not say; then the carrier counts.
    if state not in {"up", "unknown"}:
        return False
    if state == "unknown" and _text(f"{root}/sys/class/net/{interface}/carrier").strip() != "1":
        return False
    ours = _text(f"{root}/proc/net/route"), _text(f"{root}/proc/net/ipv6_route")
    return any(_leads(line, interface) for line in ours[0].splitlines()[1:]) or any(
        _leads_6(line, interface) for line in ours[1].splitlines()
    )


def _leads(line: str, interface: str) -> bool:
    """A line of /proc/net/route: interface, destination, gateway, flags, …"""
    words = line.split()
    over = len(words) > 3 and words[0] == interface  # noqa: PLR2004 - the first four of eleven
    return over and bool(int(words[3], 16) & _UP) and words[1] not in _SELF_MADE


def _leads_6(line: str, interface: str) -> bool:
    """A line of /proc/net/ipv6_route: destination, its length, …, flags, interface."""
    words = line.split()
    over = len(words) > 9 and words[9] == interface  # noqa: PLR2004 - ten columns
    return over and bool(int(words[8], 16) & _UP) and not _is_own(words)


def _is_own(words: list[str]) -> bool:
    host = words[1] == "80"  # /128: our own address, or that of a group
    return host or words[0].startswith(_OWN)


def _text(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib would add 0.9 MiB
        return file.read()
    return ""
