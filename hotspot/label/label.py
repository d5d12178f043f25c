"""The label of a device: what a person needs to join it, beside the code that does it for them.

Pure: from the code's modules and a few texts to a drawing. What cannot be printed so that a person
can type it is refused; nothing is left out, replaced or cut.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from hotspot.config.values import NotAllowed
from hotspot.label.drawing import FIXED_ADVANCE, Drawing, Text, code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Millimetres. The default is the most common die-cut label of label printers.
DEFAULT: Final = (62.0, 29.0)
LEAST_SIDE: Final = 16.0  # of the code: 0.35 a module for 45 of them, the least phones read well
_MOST_SIDE: Final = 60.0
_TEXT_WIDTH, _TEXT_HEIGHT, _MARGIN = 28.0, 22.0, 1.5
_LEAST_SIZE, _CAPTION = 1.9, 1.6
# From one baseline to the next, in parts of the size; a caption stands off from what is above it.
_LEADING, _CAPTION_LEADING = 1.15, 1.5
_QUIET: Final = 4  # modules (ISO/IEC 18004:2015 6.3.8)
# Drawn as nothing, or drawing others elsewhere: nobody could type them off a label.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


class Line(NamedTuple):
    """What something is called, and what it is; `most` is the size it may have, in mm."""

    caption: str
    value: str
    most: float = 4.5


class _Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def name(ssid: bytes) -> str:
    """An SSID as a person would type it. Raises `NotAllowed`."""
    try:
        text = ssid.decode()
    except UnicodeDecodeError:
        raise NotAllowed("an SSID in UTF-8: nobody could read another") from None
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        raise NotAllowed("an SSID of characters that can be seen")
    return text


def draw(
    rows: Sequence[Sequence[bool]], lines: Sequence[Line], size: tuple[float, float] = DEFAULT
) -> Drawing:
    """The label of `size`, width and height; `rows` is the code without its quiet zone.

    The texts stand beside the code or below it, whichever leaves more for the code. Raises
    `NotAllowed` where neither leaves enough.
    """
    width, height = size
    beside, below = min(height, width - _TEXT_WIDTH), min(width, height - _TEXT_HEIGHT)
    side = min(max(beside, below), _MOST_SIDE)
    if side < LEAST_SIDE:
        raise NotAllowed("a label of at least 50x25 mm")
    if beside >= below:
        box = _Box(side, _MARGIN, width - side - _MARGIN, height - 2 * _MARGIN)
        left, top = 0.0, (height - side) / 2
    else:
        box = _Box(_MARGIN, side, width - 2 * _MARGIN, height - side - _MARGIN)
        left, top = (width - side) / 2, 0.0
    bars = tuple(
        bar._replace(x=bar.x + left, y=bar.y + top) for bar in code(rows, side, quiet=_QUIET)
    )
    return Drawing(width, height, bars, tuple(_texts(lines, box)))


def _texts(lines: Sequence[Line], box: _Box) -> Iterator[Text]:
    """The texts from the top of `box`, each caption above its value, as large as fits."""
    rows = [row for line in lines for row in _rows(line, box.width)]
    needed = sum(map(_height, rows))
    scale = min(1.0, box.height / needed)
    y = box.y + (box.height - needed * scale) / 2
    for row in rows:
        y += _height(row) * scale
        # The baseline is not the bottom: a fifth of the size hangs below it.
        yield row._replace(x=box.x, y=y - 0.2 * row.size * scale, size=row.size * scale)


def _height(row: Text) -> float:
    return row.size * (_LEADING if row.fixed else _CAPTION_LEADING)


def _rows(line: Line, width: float) -> Iterator[Text]:
    yield Text(0, 0, _CAPTION, line.caption, fixed=False)
    parts = wrapped(line.value, int(width / (FIXED_ADVANCE * _LEAST_SIZE)))
    widest = max(map(_columns, parts))
    size = min(line.most, width / (FIXED_ADVANCE * widest))
    for part in parts:
        yield Text(0, 0, size, part)


def wrapped(text: str, most: int) -> list[str]:
    """A text in lines of about one length, none wider than `most` columns; joined, it is itself.

    It is not broken beside a blank, which nobody would see there, unless there is no other place.
    """
    parts: list[str] = []
    while (columns := _columns(text)) > most:
        lines = -(-columns // most)
        at = _places(text, -(-columns // lines))
        parts.append(text[:at])
        text = text[at:]
    return [*parts, text]


def _places(text: str, columns: int) -> int:
    """How many characters fit into so many columns: at least one, no blank on either side."""
    fitting = max(at for at in range(1, len(text)) if at == 1 or _columns(text[:at]) <= columns)
    for at in range(fitting, 0, -1):
        if " " not in text[at - 1 : at + 1]:
            return at
    return fitting


def _columns(text: str) -> int:
    """Widths of a fixed font; the characters of East Asia take two (UAX 11)."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
