"""Who holds a port: read from /proc, so that a refusal can name the process to stop.

The tables are parsed by pure functions; only `of_port` touches the disk. It is asked
after a bind has failed, so it never decides anything, it only explains.
"""

from __future__ import annotations

import ipaddress
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Protocol = Literal["tcp", "udp"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# include/net/tcp_states.h. A UDP socket without a peer shows as TCP_CLOSE (7).
_TCP_LISTEN: Final = 0x0A
_UDP_UNCONNECTED: Final = 0x07

_INODE_COLUMN: Final = 9
_IPV4_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has the port open: its process id and its short name (comm)."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a socket table: where it is bound, its state, the inode of its socket."""

    address: Address
    port: int
    state: int
    inode: int


def entries(table: str) -> Iterator[Entry]:
    """The sockets in the text of /proc/net/{tcp,udp}[6]; lines of another shape are passed over.

    Columns as in proc(5): `sl local_address rem_address st … uid timeout inode …`.
    """
    for line in table.splitlines():
        columns = line.split()
        if len(columns) <= _INODE_COLUMN or ":" not in columns[1]:
            continue
        try:
            host, port = columns[1].split(":")
            yield Entry(
                _address(host), int(port, 16), int(columns[3], 16), int(columns[_INODE_COLUMN])
            )
        except ValueError:
            continue


def _address(digits: str) -> Address:
    """An address as the kernel prints it: words of 32 bits in the machine's own byte order."""
    raw = bytes.fromhex(digits)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    if len(raw) == _IPV4_BYTES:
        return ipaddress.IPv4Address(raw)
    address = ipaddress.IPv6Address(raw)
    return address.ipv4_mapped or address


def stands_in_the_way(entry: Entry, protocol: Protocol, port: int, wanted: Address) -> bool:
    """Whether this socket is why `wanted`:`port` cannot be bound.

    A wildcard on either side meets every address, "::" the IPv4 ones as well (IPV6_V6ONLY
    is off by default).
    """
    waiting = _TCP_LISTEN if protocol == "tcp" else _UDP_UNCONNECTED
    meets = entry.address == wanted or entry.address.is_unspecified or wanted.is_unspecified
    return entry.port == port and entry.state == waiting and meets


def of_port(
    protocol: Protocol, port: int, address: str, proc: Path = Path("/proc")
) -> Holder | None:
    """The process that holds `address`:`port`, or None when that cannot be seen.

    Without root the files of other users' processes cannot be looked into.
    """
    wanted = ipaddress.ip_address(address)
    inodes = {
        f"socket:[{entry.inode}]"
        for table in (protocol, f"{protocol}6")
        for entry in entries(_text(proc / "net" / table))
        if stands_in_the_way(entry, protocol, port, wanted)
    }
    processes = sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal())
    pid = next((pid for pid in processes if _has_open(proc / str(pid), inodes)), None)
    return None if pid is None else Holder(pid, _text(proc / str(pid) / "comm").strip() or "?")


def _has_open(process: Path, inodes: set[str]) -> bool:
    try:
        # A process may end, or close a file, between the listing and the look.
        links = list((process / "fd").iterdir()) if inodes else []
    except OSError:
        return False
    return any(_target(link) in inodes for link in links)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
