"""QR codes as SVG, and how large they are.

The one place at the bench that loads segno, 6 MiB, and only when a label or a report is drawn.
"""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

# Modules of white that a reader needs around a code (ISO/IEC 18004:2015 6.3.8).
_QUIET: Final = 4


def svg(text: str, name: str = "") -> Markup:
    """The code as SVG, as large as its place is; `name` is what a screen reader says."""
    matrix = _code(text).matrix
    size = len(matrix) + 2 * _QUIET
    bars = "".join(
        f"M{x + _QUIET} {y + _QUIET}h{width}v1h-{width}z"
        for y, row in enumerate(matrix)
        for x, width in _runs(row)
    )
    return Markup(
        '<svg class=qr role=img aria-label="{}" viewBox="0 0 {} {}" shape-rendering=crispEdges>'
        '<path fill="#fff" d="M0 0h{}v{}h-{}z"/><path fill="#000" d="{}"/></svg>'
    ).format(name or text, size, size, size, size, size, bars)


def modules(text: str) -> int:
    """How many modules the code is wide, without the quiet zone."""
    return len(_code(text).matrix)


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Where dark begins in a row, and for how long."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((x, 1))
    return found


def _code(text: str) -> Any:  # noqa: ANN401 - segno ships no types
    import segno  # noqa: PLC0415 - see above

    return segno.make(text, error="m", micro=False, encoding="utf-8", eci=not text.isascii())
