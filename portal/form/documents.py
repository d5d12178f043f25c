"""What a program posts: one JSON object, read strictly, and what is wrong with it in words.

Those are for whoever wrote the program, so in English alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final


class Invalid(Exception):  # noqa: N818 - named for what the form is
    """A submission that cannot be used; `problems` maps each field to words about it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def read(body: bytes) -> dict[str, Any]:
    """The one JSON object of a body: UTF-8, no name twice, no NaN. Raises `Invalid`."""
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except Invalid:
        raise
    except (ValueError, RecursionError):
        # Deep nesting ends in the recursion limit; thousands of digits in a ValueError.
        raise Invalid({"body": "This is not a JSON document in UTF-8."}) from None
    if not isinstance(document, dict):
        raise Invalid({"body": f"This must be a JSON object, not {kind(document)}."})
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise Invalid({"body": "A name appears twice in one object."})
    return document


def _no_constant(name: str) -> None:
    raise Invalid({"body": f"{name} is not JSON."})


def shown(name: str) -> str:
    """A field's name of the client's own choice, fit to be sent back: short and plain."""
    return re.sub(r"[^a-zA-Z0-9_.-]", "?", name)[:40]


def encodable(text: str) -> bool:
    """Whether it is Unicode scalar values only: JSON can carry half a surrogate pair."""
    return not re.search("[\ud800-\udfff]", text)


def not_text(value: object) -> str:
    """The words for a value that should have been text."""
    return f"This must be text, not {kind(value)}."


def kind(value: object) -> str:
    """What JSON calls the type of a value."""
    return _KINDS.get(type(value), "null")


_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}
