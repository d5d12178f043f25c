"""What people are shown may be: lines of text, in one language or several, and a colour.

As in `values`, each function takes a value as it came and gives the one we keep, or raises
`NotAllowed` with what is allowed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hotspot.config.values import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

COLOR: Final = "a colour as #RRGGBB, such as #0d6455"
LANGUAGE: Final = "[a-z]{2,3}(?:-[A-Za-z]{2,4})?"


def color(value: object) -> str:
    """An sRGB colour, six hexadecimal digits."""
    if isinstance(value, str) and re.fullmatch("#[0-9A-Fa-f]{6}", value):
        return value.lower()
    raise NotAllowed(COLOR)


def line(most: int) -> Callable[[object], str]:
    """A reader of one line of text for people, of up to `most` characters."""

    def read(value: object) -> str:
        if isinstance(value, str) and 0 < len(value.strip()) <= most and value.isprintable():
            return value.strip()
        raise NotAllowed(f"one line of 1 to {most} characters")

    return read


def texts(most: int) -> Callable[[object], dict[str, str]]:
    """A reader of a text for people: one for every language ("") or a table by language."""
    one = line(most)

    def read(value: object) -> dict[str, str]:
        if isinstance(value, dict) and value and all(map(_is_language, value)):
            return {language: one(text) for language, text in value.items()}
        if isinstance(value, str):
            return {"": one(value)}
        raise NotAllowed(
            f"one line of 1 to {most} characters, or a table of such by language: "
            '{ en = "…", de = "…" }'
        )

    return read


def _is_language(key: object) -> bool:
    return isinstance(key, str) and re.fullmatch(LANGUAGE, key) is not None
