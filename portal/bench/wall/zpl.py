"""Labels in ZPL II, the language of Zebra's printers and of many others'.

Law: whatever stands on a label, the printer is given exactly one format with exactly our fields.
Every field is in hexadecimal escape (^FH), in which nothing but letters, digits and a few signs
stand for themselves. Commands as in Zebra's "ZPL II Programming Guide": ^CI28 is UTF-8, ^BQN,2 a
QR code of model 2, whose data begins with the error correction (M) and A for automatic input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.bench.wall.tags import Tag

# Dots a millimetre: printers of 203 and of 300 dpi.
DENSITIES: Final = (8, 12)
_PLAIN: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:/-%?=&+()#"
)
# ^A0's letters are about half as wide as high.
_ASPECT: Final = 0.55
# The largest module that ^BQ knows, and how much more a quiet zone takes on each side.
_LARGEST: Final = 10
_QUIET: Final = 2
_EDGE: Final = 1.5


@dataclass(frozen=True, slots=True)
class Stock:
    """A label of `wide` by `high` mm, printed with `dots` a mm."""

    wide: float
    high: float
    dots: int = 8


def label(tag: Tag, stock: Stock, modules: int) -> str:
    """One label; `modules` is how many the code of its URL is wide."""
    edge = round(_EDGE * stock.dots)
    room = round(stock.high * stock.dots) - 2 * edge
    size = max(1, min(_LARGEST, room // (modules + 2 * _QUIET)))
    left = edge + (modules + 2 * _QUIET) * size
    lines = _lines(tag, round(stock.wide * stock.dots) - left - edge, room)
    corner = edge + _QUIET * size
    fields = [f"^FO{corner},{corner}^BQN,2,{size}^FH^FDMA,{escaped(tag.url)}^FS"]
    top = edge
    for text, height in lines:
        fields.append(f"^FO{left},{top}^A0N,{height},0^FH^FD{escaped(text)}^FS")
        top += round(height * 1.2)
    return "\n".join(
        (
            "^XA^CI28",
            f"^PW{round(stock.wide * stock.dots)}^LL{round(stock.high * stock.dots)}^LH0,0",
            *fields,
            "^PQ1^XZ\n",
        )
    )


def escaped(text: str) -> str:
    """The text as ^FH has it: each other octet of its UTF-8 as _ and two hexadecimal digits."""
    return "".join(
        each if each in _PLAIN else "".join(f"_{octet:02X}" for octet in each.encode())
        for each in text
    )


def _lines(tag: Tag, wide: int, high: int) -> list[tuple[str, int]]:
    """The texts and how high their letters are, in dots, so that all of each is on the label."""
    # 9 parts for the name on up to two lines, 5 each for the rest.
    part = high / 1.2 / 33
    name = _fitted(tag.name, wide, round(9 * part))
    rest = (tag.serial and f"S/N {tag.serial}", tag.mac, tag.about)
    return name + [line for text in rest if text for line in _fitted(text, wide, round(5 * part))]


def _fitted(text: str, wide: int, height: int) -> list[tuple[str, int]]:
    """One line of letters as high as they may be, or two of smaller ones."""
    if len(text) * height * _ASPECT <= wide:
        return [(text, height)]
    half = -(-len(text) // 2)
    smaller = int(min(height / 2, wide / (half * _ASPECT)))
    return [(text[:half], smaller), (text[half:], smaller)]
