"""What can still be read of a damaged database: rows off its pages, whatever else is broken.

Law: bytes in, rows out, and no bytes make it fail. No page is reached through another one (but
for the overflow of a long row): a lost header, root or half of the file costs what was in it.
The format is sqlite.org/fileformat2.html; section numbers below are of that document.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

# SQLite's default since 3.12, which we leave.
PAGE: Final = 4096
_HEADER: Final = 100

# 1.6: the kinds of b-tree pages that hold rows, their headers' lengths, and what of a row stays
# on its page.
_TABLE_LEAF: Final = 0x0D
_INDEX_LEAF: Final = 0x0A
_INDEX_INTERIOR: Final = 0x02
_HEADERS: Final = {_TABLE_LEAF: 8, _INDEX_LEAF: 8, _INDEX_INTERIOR: 12}
_LEAST: Final = (PAGE - 12) * 32 // 255 - 23
_MOST_IN_TABLE: Final = PAGE - 35
_MOST_IN_INDEX: Final = (PAGE - 12) * 64 // 255 - 23
_MOST_PAYLOAD: Final = 1 << 20

# 2.1: serial types 0 to 9.
_WIDTHS: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_FLOAT: Final = 7
_NOUGHT: Final = 8
_BLOB: Final = 12

Value: TypeAlias = int | float | str | bytes | None


class _Broken(Exception):  # noqa: N818 - named for what it is
    """Not a row."""


class Octets(Protocol):
    """A file's contents: bytes, or a map of them."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, part: slice, /) -> bytes:
        """Some of them."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands on a page: `number` is its rowid, None in a table or index without."""

    number: int | None
    values: tuple[Value, ...]


def rows(file: Octets) -> Iterator[Row]:
    """Every row that can be read, of any table or index."""
    for number in range((len(file) + PAGE - 1) // PAGE):
        page = file[number * PAGE : (number + 1) * PAGE].ljust(PAGE, b"\0")
        yield from _on_page(file, page, _HEADER if number == 0 else 0)


def _on_page(file: Octets, page: bytes, start: int) -> Iterator[Row]:
    kind = page[start]
    if kind not in _HEADERS:
        return
    first = start + _HEADERS[kind]
    # However many cells a damaged header claims, their pointers are on the page.
    count = min(int.from_bytes(page[start + 3 : start + 5], "big"), (PAGE - first) // 2)
    for place in range(first, first + 2 * count, 2):
        try:
            yield _cell(file, page, int.from_bytes(page[place : place + 2], "big"), kind)
        except (_Broken, IndexError):
            continue


def _cell(file: Octets, page: bytes, place: int, kind: int) -> Row:
    if kind == _INDEX_INTERIOR:
        place += 4  # the page to its left
    length, place = _varint(page, place)
    number = None
    if kind == _TABLE_LEAF:
        number, place = _varint(page, place)
    most = _MOST_IN_TABLE if kind == _TABLE_LEAF else _MOST_IN_INDEX
    if not 0 < length <= _MOST_PAYLOAD:
        raise _Broken
    return Row(number, tuple(_values(_payload(file, page, place, (length, most)))))


def _payload(file: Octets, page: bytes, place: int, bounds: tuple[int, int]) -> bytes:
    """A row's bytes, the ones on further pages too (1.5)."""
    length, most = bounds
    if length <= most:
        return _exactly(page, place, length)
    here = _LEAST + (length - _LEAST) % (PAGE - 4)
    here = here if here <= most else _LEAST
    parts, left = [_exactly(page, place, here)], length - here
    following = _exactly(page, place + here, 4)
    while left > 0:
        start = (int.from_bytes(following, "big") - 1) * PAGE
        following = _exactly(file, start, 4)
        parts.append(_exactly(file, start + 4, min(left, PAGE - 4)))
        left -= PAGE - 4
    return b"".join(parts)


def _exactly(source: Octets, place: int, length: int) -> bytes:
    found = source[place : place + length]
    if place < 0 or len(found) != length:
        raise _Broken
    return found


def _values(payload: bytes) -> Iterator[Value]:
    end, place = _varint(payload, 0)
    if end > len(payload):
        raise _Broken
    body = end
    while place < end:
        kind, place = _varint(payload, place)
        width = _WIDTHS[kind] if kind < len(_WIDTHS) else (kind - _BLOB) // 2
        yield _value(kind, _exactly(payload, body, width))
        body += width


def _value(kind: int, octets: bytes) -> Value:
    if kind >= _BLOB:
        return octets if kind % 2 == 0 else _text(octets)
    if _NOUGHT <= kind < len(_WIDTHS):
        return kind - _NOUGHT
    if kind == _FLOAT:
        return float(struct.unpack(">d", octets)[0])
    if kind == 0:
        return None
    return int.from_bytes(octets, "big", signed=True)


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise _Broken from None


def _varint(source: bytes, place: int) -> tuple[int, int]:
    """A number of one to nine octets (1.6), and where it ends."""
    value = 0
    for n in range(8):
        octet = source[place + n]
        value = value << 7 | octet & 0x7F
        if octet < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return value, place + n + 1
    return value << 8 | source[place + 8], place + 9
