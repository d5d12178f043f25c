"""A picture of a terminal as SVG: what was typed, what was printed, nothing else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A cell of 14 px DejaVu Sans Mono, whose widths all of the fonts named below share within 1 %.
_WIDE, _HIGH, _EDGE = 8.43, 19, 18
_FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
# The mark of a finding, and the colour it is read in: each above 4.5 to 1 on the background.
_MARKS = {"!!": "#ff8f8f", " !": "#ffd166", "--": "#9fb3c8", "ok": "#7ee2a8"}
_INK, _GROUND, _PROMPT = "#e6edf3", "#10151c", "#7ee2a8"


def svg(command: str, lines: Sequence[str], *, columns: int = 88) -> str:
    """The picture: a prompt with `command`, then `lines`."""
    shown = [f"$ {command}", *lines]
    width, height = columns * _WIDE + 2 * _EDGE, len(shown) * _HIGH + 2 * _EDGE
    rows = "".join(_row(number, line) for number, line in enumerate(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">'
        f"<title>{escape(command)}</title>"
        f'<rect width="100%" height="100%" rx="10" fill="{_GROUND}"/>'
        f'<g font-family="{escape(_FONT)}" font-size="14" fill="{_INK}">'
        f"{rows}</g></svg>\n"
    )


def _row(number: int, line: str) -> str:
    colour = "" if number and line[:2] not in _MARKS else _MARKS.get(line[:2], _PROMPT)
    y = _EDGE + (number + 1) * _HIGH - 5
    mark, rest = (line[:2], line[2:]) if colour else ("", line)
    return _words(mark, 0, y, f' fill="{colour}" font-weight="bold"') + _words(rest, len(mark), y)


def _words(text: str, column: int, y: int, style: str = "") -> str:
    """Text from a column on; blanks before it are a place, those in it ones that XML keeps."""
    shown = text.lstrip()
    x = _EDGE + (column + len(text) - len(shown)) * _WIDE
    kept = escape(shown).replace(" ", "\u00a0")
    return f'<text x="{x:.1f}" y="{y}"{style}>{kept}</text>\n' if shown else ""
