"""The QR code of a text: its rows, and as a drawing for a terminal or a PNG.

The one place that loads segno, 6 MiB, and only when a code is drawn. Whoever calls holds a key:
what comes out is as secret as what went in.
"""

from __future__ import annotations

import io
from typing import Any

# Modules of white that a reader needs around a code (ISO/IEC 18004:2015 6.3.8).
QUIET = 4


def rows(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code's modules from the top, True for dark, without the quiet zone."""
    return tuple(tuple(map(bool, row)) for row in _code(text).matrix)


def terminal(text: str) -> str:
    """The code in half blocks, two rows to a line."""
    drawing = io.StringIO()
    _code(text).terminal(drawing, border=2, compact=True)
    return drawing.getvalue()


def png(text: str, scale: int = 10) -> bytes:
    """The code as a PNG of `scale` pixels to a module."""
    image = io.BytesIO()
    _code(text).save(image, kind="png", scale=scale, border=QUIET)
    return image.getvalue()


def _code(text: str) -> Any:  # noqa: ANN401 - segno ships no types
    """The code at level M or better, in UTF-8, and saying so where it makes a difference.

    Left alone, segno writes Latin-1 or Shift JIS where they fit, and a reader must guess: zbar took
    `Grüße €` for something else. With the ECI of UTF-8 nobody guesses; for ASCII it would be noise.
    """
    import segno  # noqa: PLC0415 - see above

    return segno.make(text, error="m", micro=False, encoding="utf-8", eci=not text.isascii())
