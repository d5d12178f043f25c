"""A drawing as SVG 1.1, in millimetres, with nothing in it that a viewer would fetch or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotspot.label.drawing import Drawing, Text

# Any control character but these three has no place in XML (XML 1.0 2.2).
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def render(drawing: Drawing) -> str:
    """The document. Its texts are to be free of control characters.

    Fonts are the viewer's: what it has a glyph for, in any script, is drawn.
    """
    width, height = _number(drawing.width), _number(drawing.height)
    size = f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"'
    bars = "".join(
        f"M{_number(bar.x)} {_number(bar.y)}h{_number(bar.width)}v{_number(bar.height)}"
        f"h-{_number(bar.width)}z"
        for bar in drawing.bars
    )
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<path d="{bars}" shape-rendering="crispEdges"/>',
            *map(_text, drawing.texts),
            "</svg>\n",
        )
    )


def _text(text: Text) -> str:
    fonts = "Courier New,Courier,monospace" if text.fixed else "Helvetica,Arial,sans-serif"
    weight = ' font-weight="bold"' if text.fixed else ""
    # Without the last attribute two blanks are drawn as one (SVG 1.1 10.15).
    return (
        f'<text x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}" '
        f'font-family="{fonts}"{weight} xml:space="preserve">{text.text.translate(_ESCAPES)}</text>'
    )


def _number(value: float) -> str:
    """Short, and never with an exponent; a ten-thousandth of a millimetre is nobody's business."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
