"""How much the shelf may hold: half of what would be free without it, and never the last room."""

from __future__ import annotations

from typing import Final

from portal.bench.port import Refused

# For the records, the journal, and whatever else the machine writes.
KEPT_FREE: Final = 512 * 1000 * 1000


def room(held: int, free: int, quota: int | None = None, kept: int = KEPT_FREE) -> int:
    """How many bytes more there is room for, beside `held` on the shelf and `free` on the disk."""
    most = (held + free) // 2 if quota is None else quota
    return max(0, min(most - held, free - kept))


def check(size: int, left: int) -> None:
    """Raises `port.Refused` with the numbers, where `size` bytes are more than are `left`."""
    if size > left:
        raise Refused(
            f"This file has {amount(size)}, and there is room for {amount(left)}. "
            "Remove files that no job needs any more."
        )


def amount(size: int) -> str:
    """A number of bytes for people, in powers of ten as on the card's label."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
