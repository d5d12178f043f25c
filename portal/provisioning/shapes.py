"""Of what shape a value of a record's JSON is: predicates over what `json.loads` gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# An X25519 public key.
KEY: Final = "[0-9a-f]{64}"
ID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def is_text(text: str) -> bool:
    """Whether it is Unicode scalar values only: JSON can carry half a surrogate pair."""
    return not re.search("[\ud800-\udfff]", text)


def is_string(value: object) -> bool:
    """Whether it is such a text."""
    return isinstance(value, str) and is_text(value)


def matches(pattern: str) -> Callable[[object], bool]:
    """Whether a text matches as a whole."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_fields(value: object) -> bool:
    """Whether it is texts by name."""
    return isinstance(value, dict) and all(map(is_string, (*value, *value.values())))


def is_names(value: object) -> bool:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(map(is_string, value))


def is_sealed(value: object) -> bool:
    """Whether it is a sealed box with the key it is sealed to, or none any more."""
    return value is None or (
        isinstance(value, dict)
        and value.keys() == {"to", "box"}
        and matches(KEY)(value["to"])
        and matches("[A-Za-z0-9+/]+={0,2}")(value["box"])
    )
