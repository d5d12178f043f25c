"""Texts with names in them: `{{ name }}`, and `{{ name | filter }}`; nothing else has a meaning.

Law: a value is put in once and never looked at again, so no value can ask for another.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

_HOLE: Final = re.compile(r"\{\{[ \t]*([A-Za-z0-9_. -]*?)[ \t]*(?:\|[ \t]*([a-z_0-9]+)[ \t]*)?\}\}")
# What looks like a hole and is none is a mistake, not a text.
_LOOKS: Final = re.compile(r"\{\{.*?(?:\}\}|$)", re.DOTALL)

FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode("ascii"),
    "json": json.dumps,
    "pem_one_line": lambda text: "\\n".join(text.strip().splitlines()) + "\\n",
}


class Faulty(Exception):  # noqa: N818 - named for what the template or the value is
    """A template that cannot be read, or cannot be filled with these values; the text says why."""


def names(text: str) -> tuple[str, ...]:
    """The names in a text, in order. Raises `Faulty`."""
    found = [match.group(1) for match in _holes(text)]
    return tuple(dict.fromkeys(found))


def _holes(text: str) -> list[re.Match[str]]:
    holes = list(_HOLE.finditer(text))
    places = {hole.start() for hole in holes}
    for look in _LOOKS.finditer(text):
        if look.start() not in places:
            raise Faulty(f"{look.group()[:40]}: write {{{{ name }}}} or {{{{ name | filter }}}}")
    for hole in holes:
        if not hole.group(1):
            raise Faulty(f"{hole.group()}: it names no column")
        if hole.group(2) and hole.group(2) not in FILTERS:
            raise Faulty(f"{hole.group()}: filters are {', '.join(FILTERS)}")
    return holes


def filled(
    text: str, values: Mapping[str, str], plain: Callable[[str, str], str] = lambda _, value: value
) -> str:
    """The text with values in the place of names; `plain(name, value)` is how one is written
    that has no filter. Raises `Faulty`, where a name has no value too.
    """
    _holes(text)

    def value(hole: re.Match[str]) -> str:
        name, filter_ = hole.groups()
        if not values.get(name):
            raise Faulty(f"{name}: no value")
        return FILTERS[filter_](values[name]) if filter_ else plain(name, values[name])

    return _HOLE.sub(value, text)
