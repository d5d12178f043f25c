"""The partitions of a card, from its first sector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.image.partitions import Partition, Unreadable, partitions, root
from tests.deploy.images import EXT4, FAT, sector


def test_where_raspberry_pi_os_has_its_files() -> None:
    """FAT first, then ext4: its place and size in bytes."""
    record = sector((0x0C, *FAT), (0x83, *EXT4))

    assert partitions(record) == (Partition(1, 0x0C, *FAT), Partition(2, 0x83, *EXT4))
    assert root(record) == Partition(2, 0x83, *EXT4)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (b"", "no partition table"),
        (b"\xfd7zXZ\0" + bytes(506), "still compressed"),
        (sector((0xEE, 512, 4096)), "GUID partition table"),
        (sector((0x0C, *FAT)), "none of its partitions is a Linux one"),
    ],
    ids=["nothing", "xz", "gpt", "fat alone"],
)
def test_what_is_no_such_card(record: bytes, words: str) -> None:
    """Each says what it is not."""
    with pytest.raises(Unreadable, match=words):
        root(record)


@given(st.binary(max_size=600), st.booleans())
def test_any_first_sector(data: bytes, signed: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever is there, it is partitions that lie somewhere, or it is refused."""
    record = data.ljust(510, b"\0")[:510] + b"\x55\xaa" if signed else data
    try:
        found = partitions(record)
    except Unreadable:
        return
    assert all(one.size > 0 and one.start >= 0 for one in found)
