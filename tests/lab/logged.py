"""What dm-log-writes has logged, read, and the disk as it was at any moment of it.

The format is that of the kernel (drivers/md/dm-log-writes.c): a super block, then entries in the
order in which they were on the disk for good, each in sectors of its own. What was written and
not yet flushed stands behind the last flush: a disk that loses its power may have some of it.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = 0x6A736677736872
# struct log_write_super: magic, version, entries, bytes of a sector.
_SUPER: Final = struct.Struct("<QQQI")
# struct log_write_entry: sector, sectors, flags, bytes of a mark.
_ENTRY: Final = struct.Struct("<QQQQ")
FLUSH: Final = 1
FUA: Final = 2
DISCARD: Final = 4
MARK: Final = 8
# The kernel counts in these whatever the disk has.
_SECTOR: Final = 512


@dataclass(frozen=True)
class Entry:
    """A write at `place` in bytes, a discard of `length`, or words in a mark."""

    flags: int
    place: int
    length: int
    octets: bytes = b""

    @property
    def mark(self) -> str:
        """The words of a mark, "" for any other."""
        return self.octets.rstrip(b"\0").decode() if self.flags & MARK else ""

    @property
    def is_barrier(self) -> bool:
        """Whether all that stands before it is on the disk for good."""
        return bool(self.flags & (FLUSH | FUA))


def entries(log: Path) -> list[Entry]:
    """What a log holds, oldest first. Raises ValueError where it is none."""
    return list(_entries(log.read_bytes()))


def _entries(octets: bytes) -> Iterator[Entry]:
    magic, _, count, size = _SUPER.unpack_from(octets)
    if magic != _MAGIC:
        raise ValueError("no log of dm-log-writes")
    at = size
    for _ in range(count):
        sector, sectors, flags, told = _ENTRY.unpack_from(octets, at)
        if flags & MARK:
            yield Entry(flags, 0, 0, octets[at + _ENTRY.size : at + _ENTRY.size + told])
            at += size
            continue
        at += size
        length = sectors * size
        held = b"" if flags & DISCARD else octets[at : at + length]
        yield Entry(flags, sector * size, length, held)
        at += len(held)


class Disk:
    """The disk's octets before the log began, and what becomes of them."""

    def __init__(self, octets: bytes) -> None:
        self.octets = bytearray(octets)

    def take(self, told: Sequence[Entry]) -> None:
        """Let these be on it."""
        for each in told:
            if each.flags & DISCARD:
                self.octets[each.place : each.place + each.length] = bytes(each.length)
            elif not each.flags & MARK:
                self.octets[each.place : each.place + len(each.octets)] = each.octets


def cut(before: bytes, told: Sequence[Entry], at: int, chance: random.Random) -> bytes:
    """The disk after the power went behind `told[:at]`: all up to the last barrier, and of what
    came later some, by chance, the last of it perhaps torn.
    """
    barriers = [n for n, each in enumerate(told[:at]) if each.is_barrier]
    safe = barriers[-1] + 1 if barriers else 0
    disk = Disk(before)
    disk.take(told[:safe])
    later = [each for each in told[safe:at] if chance.random() < 0.5]
    if later and chance.random() < 0.5 and later[-1].octets:
        *later, torn = later
        whole = chance.randrange(len(torn.octets) // _SECTOR + 1) * _SECTOR
        later.append(Entry(torn.flags, torn.place, whole, torn.octets[:whole]))
    disk.take(later)
    return bytes(disk.octets)
