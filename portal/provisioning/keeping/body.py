"""A record's bytes as they stand in the store: with a sum, so that a flipped bit is noticed.

Law: bytes in, bytes out. SQLite's own check looks at its pages, not at what is in them.
"""

from __future__ import annotations

from binascii import crc32
from typing import Final

# A line feed and eight hexadecimal digits; a record's JSON is one line of ASCII.
_LENGTH: Final = 9


def summed(body: bytes) -> bytes:
    """`body` as it is kept."""
    return body + b"\n%08x" % crc32(body)


def whole(kept: bytes) -> bytes:
    """What `summed` was given; nothing where it is not that any more.

    Records of before there were sums are taken as they are.
    """
    body, line, told = kept.rpartition(b"\n")
    if not line:
        return kept
    return body if summed(body) == kept and len(told) == _LENGTH - 1 else b""
