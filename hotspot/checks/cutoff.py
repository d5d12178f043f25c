"""Who would be cut off if the access point went on the air now.

An installation starts it by itself only where nobody is: not while somebody is logged in over the
very adapter that would become the access point, nor while this machine has its own network by it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot.air.wireless import Wireless
from hotspot.checks import holders, preflight
from hotspot.netlink import Links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hotspot.air.nl80211 import Adapter
    from hotspot.checks.holders import Address
    from hotspot.settings import Settings

_TCP_ESTABLISHED: Final = 1  # include/net/tcp_states.h
_SSH: Final = 22
# Written by sshd(8): the client's address and port, then the address and port it came to.
_CONNECTION: Final = re.compile(rb"(?:^|\0)SSH_CONNECTION=\S+ \d+ (\S+) \d+(?:\0|$)")


def why(settings: Settings, proc: Path = Path("/proc")) -> str | None:
    """Who would be cut off by a start, in words; None for nobody.

    Raises `errors.Refused` where no adapter can be an access point, OSError where the kernel
    cannot be asked.
    """
    chosen = _adapter(settings)
    with Links() as links:
        lasting = links.addresses(chosen.index)
    if is_company(chosen.interface, {ipaddress.ip_interface(one.cidr).ip for one in lasting}, proc):
        return f"somebody is logged in here over {chosen.interface}, and would be cut off."
    return f"{chosen.interface} is this machine's way to a network now." if lasting else None


def by_restart(settings: Settings, proc: Path = Path("/proc")) -> str | None:
    """Who is logged in over the access point while it runs, in words; raises as `why`."""
    name, own = _adapter(settings).interface, settings.network.address.ip
    is_here = is_company(name, {own}, proc)
    return f"somebody is logged in here over the access point, {name}." if is_here else None


def _adapter(settings: Settings) -> Adapter:
    with Wireless() as wireless:
        return preflight.adapter(wireless.adapters(), settings.radio.interface)


def is_company(interface: str, own: Collection[Address], proc: Path) -> bool:
    """Whether somebody is connected to one of its `own` addresses, or to a link's own (IPv6)."""
    lines = (line.split() for line in _text(proc / "net/if_inet6").splitlines())
    mine = {ipaddress.IPv6Address(int(one[0], 16)) for one in lines if one[-1] == interface}
    return not {*own, *mine}.isdisjoint({*sessions(proc), *above(os.getpid(), proc)})


def sessions(proc: Path) -> Iterator[Address]:
    """The addresses of this machine to which somebody is connected by SSH on its own port."""
    for table in ("tcp", "tcp6"):
        for entry in holders.entries(_text(proc / "net" / table)):
            if (entry.port, entry.state) == (_SSH, _TCP_ESTABLISHED):
                yield entry.address


def above(pid: int, proc: Path) -> Iterator[Address]:
    """The address to which whoever started us is connected, by whatever port sshd listens on.

    sudo(8) takes the variable away, but not from the shell that it was started in.
    """
    while pid > 1:
        found = _CONNECTION.search(_bytes(proc / str(pid) / "environ"))
        if found:
            yield _address(found[1].decode("ascii", "replace"))
        parent = re.search(r"^PPid:\s*(\d+)$", _text(proc / str(pid) / "status"), re.MULTILINE)
        pid = int(parent[1]) if parent else 0


def _address(text: str) -> Address:
    """An address as sshd writes it, with a zone where it is a link's own."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ipaddress.IPv4Address(0)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _text(file: Path) -> str:
    return _bytes(file).decode("utf-8", "replace")


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
