"""What stands on a device's label, in words that a printer can print.

Law: what cannot be printed, or would turn the line round, is left out; leading zeros stay.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from portal.bench.port import Row

_MOST: Final = 64
# RFC 3986 2.3: what stands for itself anywhere in a URL.
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Tag:
    """One label. `url` is what its code says: the device's page at this bench."""

    name: str
    serial: str
    mac: str
    about: str
    url: str


def of(row: Row, site: str, day: str) -> Tag:
    """The label of a device; `site` is our own URL with a slash at its end, `day` the date."""
    about = " · ".join(printable(each) for each in (row.product, row.version, day) if each)
    return Tag(
        printable(row.name or row.id),
        printable(row.serial),
        printable(row.mac),
        about,
        f"{site}d/{_segment(row.claim or row.id)}",
    )


def printable(text: str) -> str:
    """The text without controls and marks of direction, 64 characters at the most."""
    kept = (each for each in text[: 4 * _MOST] if unicodedata.category(each)[0] != "C")
    return " ".join("".join(kept).split())[:_MOST]


def _segment(text: str) -> str:
    """The text as one segment of a path."""
    octets = text.encode("utf-8", "replace")
    return "".join(chr(octet) if octet in _PLAIN else f"%{octet:02X}" for octet in octets)
