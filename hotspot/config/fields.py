"""What the form asks besides the network: the tables below [provisioning.fields].

    [provisioning.fields.room]
    kind = "choice"
    label = { en = "Room", de = "Raum" }
    choices = ["kitchen", { value = "hall", label = { en = "Hall", de = "Flur" } }]

A text is by language; under "" stands the one for every other language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import texts, values
from hotspot.config.reading import shape, shown
from hotspot.config.values import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hotspot.config.reading import Reading

KINDS: Final = ("text", "number", "choice", "switch", "secret")

# As many fields, and characters in one, as a record takes.
MOST_FIELDS: Final = 32
MOST_CHOICES: Final = 32
_LABEL: Final = 60
_HELP: Final = 200
_LARGEST: Final = 2**53 - 1  # what every reader of JSON takes for a whole number (RFC 8259 6)

_NAME: Final = "a name of 1 to 32 letters a to z, digits, _ and -"
_CHOICES: Final = 'a list of 2 to 32 choices, each "value" or { value = "…", label = "…" }'
_PATTERN: Final = "a regular expression of at most 200 characters, that the whole answer matches"
# What each kind takes besides what all of them do.
_ONLY: Final = {"pattern": ("text", "secret"), "choices": ("choice",)} | dict.fromkeys(
    ("least", "most"), ("number",)
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose: what is kept, and what is read."""

    value: str
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `label` and `help` are by language; `pattern` is for the whole answer;
    `least` and `most` bound a whole number.
    """

    name: str
    kind: str = "text"
    label: Mapping[str, str] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    pattern: str | None = None
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None


def set_apart(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], object]:
    """The document without [provisioning.fields], and what stood there."""
    table = document.get("provisioning")
    if not isinstance(table, dict) or "fields" not in table:
        return document, {}
    rest = {key: value for key, value in table.items() if key != "fields"}
    return {**document, "provisioning": rest}, table["fields"]


def read(reading: Reading, tables: object) -> tuple[Field, ...]:
    """The fields of [provisioning.fields], in their order; problems go to `reading`."""
    key = "provisioning.fields"
    if not isinstance(tables, dict):
        reading.refuse(key, shape(tables), f"tables: write [{key}.NAME] and its keys below")
        return ()
    if len(tables) > MOST_FIELDS:
        reading.refuse(key, f"{len(tables)} fields", f"at most {MOST_FIELDS}")
    found = (_field(reading, f"{key}.{name}", name, table) for name, table in tables.items())
    return tuple(filter(None, found))


def _field(reading: Reading, key: str, name: str, table: object) -> Field | None:
    if not re.fullmatch("[a-z0-9_-]{1,32}", name):
        reading.refuse(key, "a field", _NAME)
        return None
    if not isinstance(table, dict):
        reading.refuse(key, shape(table), f"a table: write [{key}] and its keys below")
        return None
    known = reading.table(key, table, KEYS)
    kind = known.get("kind", "text")
    for option, kinds in _ONLY.items():
        if option in table and kind not in kinds:
            reading.refuse(f"{key}.{option}", f"given for a {kind}", f"for {values.listed(kinds)}")
    if kind == "choice" and "choices" not in table:
        reading.refuse(f"{key}.choices", "missing", _CHOICES)
    if known.get("least", -_LARGEST) > known.get("most", _LARGEST):
        reading.refuse(f"{key}.most", shown("most", known["most"]), "no less than `least`")
    known.setdefault("label", {"": name})
    return Field(name, **known)


def _pattern(value: object) -> str:
    if isinstance(value, str) and len(value) <= _HELP:
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError):
            pass
        else:
            return value
    raise NotAllowed(_PATTERN)


def _choices(value: object) -> tuple[Choice, ...]:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_CHOICES:  # noqa: PLR2004 - as told
        raise NotAllowed(_CHOICES)
    found = tuple(map(_choice, value))
    if len({each.value for each in found}) < len(found):
        raise NotAllowed(f"{_CHOICES}, no value twice")
    return found


def _choice(value: object) -> Choice:
    if isinstance(value, str):
        return Choice(texts.line(_LABEL)(value), {"": value})
    if isinstance(value, dict) and value.keys() == {"value", "label"}:
        return Choice(texts.line(_LABEL)(value["value"]), texts.texts(_LABEL)(value["label"]))
    raise NotAllowed(_CHOICES)


KEYS: Final[Mapping[str, Callable[[object], Any]]] = {
    "kind": values.word(*KINDS),
    "label": texts.texts(_LABEL),
    "help": texts.texts(_HELP),
    "required": values.switch,
    "pattern": _pattern,
    "choices": _choices,
    "least": values.integer(-_LARGEST, _LARGEST),
    "most": values.integer(-_LARGEST, _LARGEST),
}


def written(texts: Mapping[str, str]) -> object:
    """A text by language as the file has it: plain where one is for every language."""
    return texts[""] if texts.keys() == {""} else dict(texts)


def table(field: Field) -> dict[str, object]:
    """The keys of one field as the file has them."""
    choices: Sequence[object] = [
        each.value
        if each.label == {"": each.value}
        else {"value": each.value, "label": written(each.label)}
        for each in field.choices
    ]
    keys = {
        "kind": field.kind,
        "label": written(field.label),
        "help": written(field.help) or None,
        "required": field.required,
        "pattern": field.pattern,
        "choices": choices or None,
        "least": field.least,
        "most": field.most,
    }
    return {key: value for key, value in keys.items() if value is not None}
