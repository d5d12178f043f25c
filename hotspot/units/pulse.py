"""Whether the access point lives, whatever hostapd's process does: its interface and its address.

The kernel rings (rtnetlink: links and IPv4 addresses), and only then it is looked: nothing is
asked again and again, and of the kernel's messages not a byte is parsed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket

# linux/rtnetlink.h: RTMGRP_LINK, _IPV4_IFADDR.
GROUPS = 0x1 | 0x10
_UP = 0x1  # linux/if.h, IFF_UP
_NET = "/sys/class/net"

# What is wrong, as a part of a sentence.
GONE = "its interface is gone"
DOWN = "its link is down"
HOMELESS = "its address is gone"
SILENT = "hostapd has left the air"


def fault(interface: str, address: str, net: str = _NET) -> str:
    """What keeps an access point with this address from working; "" for nothing."""
    try:
        with open(f"{net}/{interface}/flags", encoding="ascii") as file:  # noqa: PTH123 - pathlib would add 0.9 MiB
            is_up = int(file.read(), 16) & _UP
    except OSError:
        return GONE
    if not is_up:
        return DOWN
    return "" if is_here(address) else HOMELESS


def is_here(address: str) -> bool:
    """Whether an address is one of this machine's: the kernel lets nobody bind to another."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((address, 0))
        except OSError as error:
            return error.errno != errno.EADDRNOTAVAIL
    return True


def radios(net: str = _NET) -> frozenset[str]:
    """The interfaces of this machine that have a radio behind them."""
    with contextlib.suppress(OSError):
        return frozenset(name for name in os.listdir(net) if _has_radio(f"{net}/{name}"))  # noqa: PTH208 - likewise
    return frozenset()


def _has_radio(folder: str) -> bool:
    return os.path.exists(f"{folder}/phy80211")  # noqa: PTH110 - likewise
