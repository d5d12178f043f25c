"""The station interface beside the access point: made for one attempt, removed after it.

It has no address in this machine's own network, answers for none, and takes no packet in: what
the home network is like is looked at in a namespace of its own (`hotspot.uplink.trial`).
"""

from __future__ import annotations

import contextlib
import errno
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot.errors import Refused
from hotspot.neighbours import NETWORK_MANAGER, Neighbours
from hotspot.netlink import Links
from hotspot.wireless import Wireless, index_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "vestibule0"

# Before the link is up. Our own addresses are elsewhere, and may be those of the home network
# too: nothing here speaks for them (arp_ignore 8), nothing that comes in goes further (strict
# reverse paths, and there are no routes), and no router's word is taken.
# Documentation/networking/ip-sysctl.rst.
_SYSCTLS: Final = {
    "ipv4/conf/{}/arp_ignore": "8",
    "ipv4/conf/{}/rp_filter": "1",
    "ipv6/conf/{}/disable_ipv6": "1",
}
_NET: Final = Path("/proc/sys/net")
# NetworkManager hears of a new interface from udev: 0.1 s, more on a busy Pi.
_NOTICED_SECONDS: Final = 2.0
_LOCAL: Final = 0x02
_OURS: Final = 0x40


def own_address(of: bytes) -> bytes:
    """A hardware address of our own beside the radio's: locally administered, always the same.

    So a home router that knows us by it gives the same lease again (IEEE 802-2014 8.4).
    """
    return bytes([(of[0] | _LOCAL) ^ _OURS]) + of[1:]


@contextlib.contextmanager
def station(beside: str, own_directory: Path) -> Iterator[int]:
    """The station interface on the radio of `beside`, its link down; its index.

    Raises `OSError`: EOPNOTSUPP or EBUSY where the radio cannot have both.
    """
    with Wireless() as wireless, Links() as links:
        remove(wireless)
        near = index_of(beside)
        wireless.add_station(near, NAME, own_address(links.hardware(near)))
        try:
            index = index_of(NAME)
            leave_alone(NAME, own_directory)
            _quieten(NAME)
            yield index
        finally:
            with contextlib.suppress(OSError):
                remove(wireless)


def remove(wireless: Wireless) -> None:
    """Remove what an attempt that was killed has left. Raises `OSError`."""
    if not wireless.exists:
        return
    try:
        wireless.remove(index_of(NAME))
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise


def leave_alone(interface: str, own_directory: Path) -> None:
    """Keep NetworkManager's hands off, if it runs: it would look for networks of its own."""
    neighbours = Neighbours(interface, own_directory)
    if not neighbours.manages():
        return
    deadline = time.monotonic() + _NOTICED_SECONDS
    while not neighbours.knows() and time.monotonic() < deadline:
        # Each question takes nmcli's own start, some 50 ms; nothing here spins.
        continue
    # If it keeps it: two at one radio are slower, no more.
    with contextlib.suppress(Refused):
        neighbours.leave(NETWORK_MANAGER)


def _quieten(interface: str) -> None:
    for name, value in _SYSCTLS.items():
        # A kernel without IPv6 has no switch for it.
        with contextlib.suppress(FileNotFoundError):
            (_NET / name.format(interface)).write_text(f"{value}\n")
