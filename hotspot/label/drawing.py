"""A drawing of black bars and lines of text on white: the one thing that PDF and SVG both say.

All lengths are millimetres, from the top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The advance of every character of Courier, and of most fixed fonts, in parts of its size.
FIXED_ADVANCE: Final = 0.6


class Bar(NamedTuple):
    """A black rectangle; `x` and `y` are its top left corner."""

    x: float
    y: float
    width: float
    height: float


class Text(NamedTuple):
    """A line of text whose baseline begins at `x` and `y`; `fixed` for characters of one width."""

    x: float
    y: float
    size: float
    text: str
    fixed: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands on one page."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    texts: tuple[Text, ...] = ()


def code(rows: Sequence[Sequence[bool]], side: float, *, quiet: int) -> tuple[Bar, ...]:
    """The bars of a QR code that fills a square of `side`, `quiet` modules of white included."""
    module = side / (len(rows) + 2 * quiet)
    return tuple(
        Bar((quiet + start) * module, (quiet + number) * module, length * module, module)
        for number, row in enumerate(rows)
        for start, length in _runs(row)
    )


def _runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many stand together."""
    start = None
    for number, dark in enumerate((*row, False)):
        if dark and start is None:
            start = number
        elif not dark and start is not None:
            yield start, number - start
            start = None
