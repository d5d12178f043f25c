"""Write an initrd: a cpio archive in the `newc` format the kernel unpacks at boot.

The format is the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

TRAILER: Final = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the archive; `mode` holds type and permissions as in stat(2)."""

    name: str
    data: bytes = b""
    mode: int = stat.S_IFREG | 0o644


def folder(name: str) -> Member:
    """An empty folder."""
    return Member(name, mode=stat.S_IFDIR | 0o755)


def program(name: str, data: bytes) -> Member:
    """A file that can be run."""
    return Member(name, data, stat.S_IFREG | 0o755)


def archive(members: Iterable[Member]) -> bytes:
    """The archive of `members`, in their order, owned by root, without times: reproducible."""
    return b"".join(_pieces(members))


def _pieces(members: Iterable[Member]) -> Iterator[bytes]:
    for inode, member in enumerate(members, start=1):
        yield _entry(inode, member)
    yield _entry(0, Member(TRAILER, mode=0))


def _entry(inode: int, member: Member) -> bytes:
    name = member.name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(member.mode) else 1
    # ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
    numbers = (inode, member.mode, 0, 0, links, 0, len(member.data), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08X" % number for number in numbers)
    return _padded(header + name) + _padded(member.data)


def _padded(piece: bytes) -> bytes:
    return piece + b"\0" * (-len(piece) % 4)
