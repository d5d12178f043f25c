"""The station interface: beside the access point for one attempt, or for a moment in its place.

It has no part in this machine's own network: it answers for no address and takes no packet in.
What the home network is like is looked at in a namespace of its own (`hotspot.uplink.trial`).
"""

from __future__ import annotations

import contextlib
import errno
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot import nftables
from hotspot.air.wireless import Wireless, index_of
from hotspot.errors import Refused
from hotspot.machine.neighbours import NETWORK_MANAGER, Neighbours
from hotspot.machine.steps import ACCESS_POINT, STATION
from hotspot.netlink import Links

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "vestibule0"
_NFT_SECONDS: Final = 20

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


@dataclass(frozen=True, slots=True)
class Station:
    """The interface by its name and its index."""

    name: str
    index: int


@contextlib.contextmanager
def beside(near: str, own_directory: Path) -> Iterator[Station]:
    """A station interface on the radio of `near`, its link down.

    Raises `OSError`: EOPNOTSUPP or EBUSY where the radio cannot have both.
    """
    with Wireless() as wireless, Links() as links:
        remove(wireless)
        index = index_of(near)
        wireless.add_station(index, NAME, own_address(links.hardware(index)))
        try:
            leave_alone(NAME, own_directory)
            _write(_switches(NAME))
            yield Station(NAME, index_of(NAME))
        finally:
            with contextlib.suppress(OSError):
                remove(wireless)


def stay(wireless: Wireless, links: Links, near: str, own_directory: Path) -> None:
    """A station interface that stays, in the hands of whoever looks after the home network.

    Raises `OSError`, as `beside`.
    """
    remove(wireless)
    index = index_of(near)
    wireless.add_station(index, NAME, own_address(links.hardware(index)))
    neighbours = Neighbours(NAME, own_directory)
    if _noticed(neighbours):
        neighbours.give_back(NETWORK_MANAGER)


@contextlib.contextmanager
def in_place_of(name: str) -> Iterator[Station]:
    """The access point's own interface as the station, while it is off the air.

    Its address stays; nobody there can use it. Raises `OSError`.
    """
    with Wireless() as wireless, Links() as links, contextlib.ExitStack() as leaving:
        index = index_of(name)
        before = {path: path.read_text().strip() for path in _switches(name) if path.exists()}
        _nft(nftables.guard(name))
        leaving.callback(_nft, nftables.UNGUARD)
        links.set_up(index, up=False)
        wireless.set_type(index, STATION)
        leaving.callback(_give_back, wireless, links, index, before)
        _write(_switches(name))
        yield Station(name, index)


def _give_back(wireless: Wireless, links: Links, index: int, before: dict[Path, str]) -> None:
    # hostapd makes it an access point again; this is for whoever looks before that.
    with contextlib.suppress(OSError):
        links.set_up(index, up=False)
        _write(before)
        wireless.set_type(index, ACCESS_POINT)


def remove(wireless: Wireless) -> None:
    """Remove the station interface, if it is there. Raises `OSError`."""
    if not wireless.exists:
        return
    try:
        wireless.remove(index_of(NAME))
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise


def tidy(wireless: Wireless) -> None:
    """Undo what an attempt that was killed has left, wherever it was. Raises `OSError`."""
    remove(wireless)
    with contextlib.suppress(OSError):
        # Without our table there is nothing to undo, and nft says so.
        _nft(nftables.UNGUARD, heard=False)


def leave_alone(interface: str, own_directory: Path) -> None:
    """Keep NetworkManager's hands off, if it runs: it would look for networks of its own."""
    neighbours = Neighbours(interface, own_directory)
    if _noticed(neighbours):
        # If it keeps it: two at one radio are slower, no more.
        with contextlib.suppress(Refused):
            neighbours.leave(NETWORK_MANAGER)


def _noticed(neighbours: Neighbours) -> bool:
    """Whether NetworkManager runs; it is waited for until it knows of the interface."""
    if not neighbours.manages():
        return False
    deadline = time.monotonic() + _NOTICED_SECONDS
    while not neighbours.knows() and time.monotonic() < deadline:
        # Each question takes nmcli's own start, some 50 ms; nothing here spins.
        continue
    return True


def _switches(interface: str) -> dict[Path, str]:
    return {_NET / name.format(interface): value for name, value in _SYSCTLS.items()}


def _write(switches: dict[Path, str]) -> None:
    for path, value in switches.items():
        # A kernel without IPv6 has no switch for it.
        with contextlib.suppress(FileNotFoundError):
            path.write_text(f"{value}\n")


def _nft(text: str, *, heard: bool = True) -> None:
    done = subprocess.run(
        ["nft", "-f", "-"],
        input=text.encode("ascii"),
        stderr=None if heard else subprocess.DEVNULL,
        check=False,
        timeout=_NFT_SECONDS,
    )
    if done.returncode:
        raise OSError(errno.EPERM, "nft refused what keeps our servers to ourselves")
