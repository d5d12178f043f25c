"""Where the partitions of an image or a card lie: its master boot record, from bytes to values.

Raspberry Pi OS has two: FAT for the firmware, ext4 for everything else.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

SECTOR: Final = 512
_TABLE: Final = 446
_ENTRIES: Final = 4
# Flag, three octets nobody reads, kind, three more, first sector, sectors.
_ENTRY: Final = struct.Struct("<B3xB3xII")
_SIGNATURE: Final = b"\x55\xaa"
LINUX: Final = 0x83
_PROTECTIVE: Final = 0xEE


class Unreadable(Exception):  # noqa: N818 - named for what the image is
    """It is no image that this knows; the text says why."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its number from 1, its kind, and where it lies, in bytes."""

    number: int
    kind: int
    start: int
    size: int


def partitions(sector: bytes) -> tuple[Partition, ...]:
    """The partitions in the first sector of a disk. Raises `Unreadable`."""
    if len(sector) < SECTOR or sector[SECTOR - 2 : SECTOR] != _SIGNATURE:
        raise Unreadable("it has no partition table (is it still compressed?)")
    entries = [_ENTRY.unpack_from(sector, _TABLE + _ENTRY.size * n) for n in range(_ENTRIES)]
    found = tuple(
        Partition(number, kind, first * SECTOR, sectors * SECTOR)
        for number, (_, kind, first, sectors) in enumerate(entries, 1)
        if kind and sectors
    )
    if any(one.kind == _PROTECTIVE for one in found):
        raise Unreadable("it has a GUID partition table; Raspberry Pi OS's images have none")
    return found


def root(sector: bytes) -> Partition:
    """The partition that Linux has its files on. Raises `Unreadable`."""
    linux = [one for one in partitions(sector) if one.kind == LINUX]
    if not linux:
        raise Unreadable("none of its partitions is a Linux one")
    return linux[-1]
