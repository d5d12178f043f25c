"""What the rows off a damaged file say, each believed only as far as it can be checked.

Law: rows in, tables out. A row whose words are none of ours is no row; a record whose own
deliveries are not all there goes once more to those that are missing, under the same id, because
twice is once in effect and never is never.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal.provisioning.join import Phase, Turn
from portal.provisioning.keeping import body
from portal.provisioning.life import Event, State
from portal.provisioning.record import ID, Invalid, from_json
from portal.provisioning.repair.salvage import Row, Value


def _is_wall(value: Value) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _number(value: Value) -> bool:
    return isinstance(value, int) and value >= 0


def _text(value: Value) -> bool:
    return isinstance(value, str)


def _object(value: Value) -> bool:
    try:
        return isinstance(value, str) and isinstance(json.loads(value), dict)
    except (ValueError, RecursionError):
        return False


def _perhaps(fits: Callable[[Value], bool]) -> Callable[[Value], bool]:
    return lambda value: value is None or fits(value)


def _one_of(words: Iterable[str]) -> Callable[[Value], bool]:
    known = frozenset(map(str, words))
    return lambda value: value in known


def _seconds(value: Value) -> bool:
    return isinstance(value, int | float)


_DELIVERY_STATES: Final = set(State) - {State.HELD}
_TIME: Final = (_is_wall, _seconds, _text, _perhaps(lambda value: value in {0, 1}))

# By table: what its columns hold in the order of the file, where the primary key comes first.
_SHAPES: Final[Mapping[str, Sequence[Callable[[Value], bool]]]] = {
    "delivery": (
        _number, _text, _number, _one_of(_DELIVERY_STATES), _number,
        _perhaps(_text), _perhaps(_is_wall), _perhaps(_seconds), _perhaps(_text),
    ),
    "step": (
        _number, _text, _number, _one_of(Event), _one_of(_DELIVERY_STATES), _number,
        _perhaps(_text), *_TIME,
    ),
    "turn": (
        _number, _number, _one_of(Turn), _one_of(Phase), _number,
        _perhaps(_text), _perhaps(_text), *_TIME,
    ),
    "held": (_number, _text, _number),
    "box": (_number, _text, lambda value: isinstance(value, bytes) and body.whole(value) != b""),
}  # fmt: skip
# Rows of before a column was added to these are not written anew.
_GROWN: Final = ("step", "turn")
# These have a rowid, which stands for their first column.
_JOINING: Final = (
    _number, _one_of(Phase), _number, _perhaps(_text), _perhaps(_text), _perhaps(_object),
)  # fmt: skip
# What a whole file's tables are to hold, besides SQLite's own rules.
TABLES: Final = ("delivery", "step", "held", "joining", "turn")


@dataclass(slots=True)
class Found:
    """What is left: bodies and ids by number, and each table's rows by their record's number.

    A body that cannot be read is b"".
    """

    bodies: dict[int, bytes] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    tables: dict[str, dict[int, list[tuple[Any, ...]]]] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """How many records can be read."""
        return sum(1 for octets in self.bodies.values() if octets)

    @property
    def nameless(self) -> int:
        """How many records something is left of, but not their id: they cannot be told apart."""
        numbers = {n for name in ("delivery", "held", "joining") for n in self.tables.get(name, ())}
        return len(numbers - self.ids.keys())

    @property
    def lost(self) -> int:
        """How many records are known to have been there, and cannot be read."""
        return self.nameless + sum(not self.bodies.get(number) for number in self.ids)

    def rows(self, table: str, number: int) -> list[tuple[Any, ...]]:
        """The rows of one record in a table."""
        return self.tables.get(table, {}).get(number, [])


def sift(rows: Iterable[Row]) -> Found:
    """What the rows of a file say."""
    found = Found()
    for row in rows:
        values = row.values
        if len(values) == 2 and _is_id(values[0]) and _number(values[1]):  # noqa: PLR2004 - id, seq
            found.ids.setdefault(int(values[1] or 0), str(values[0]))
        elif row.number is not None and len(values) == 3 and isinstance(values[2], bytes):  # noqa: PLR2004 - seq, id, body
            _take_body(found, row.number, values[1], values[2])
        elif row.number is not None:
            _take(found, "joining", (row.number, *values[1:]), _JOINING)
        else:
            for table, shape in _SHAPES.items():
                _take(found, table, _grown(table, values), shape)
    return _told_apart(found)


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and re.fullmatch(ID, value) is not None


def _take_body(found: Found, number: int, id_: Value, kept: bytes) -> None:
    octets = body.whole(kept)
    try:
        found.ids[number] = from_json(octets).id
    except Invalid:
        if not _is_id(id_):
            return
        found.ids.setdefault(number, str(id_))
        found.bodies.setdefault(number, b"")
    else:
        found.bodies[number] = octets


def _take(
    found: Found,
    table: str,
    values: tuple[Value, ...],
    shape: Sequence[Callable[[Value], bool]],
) -> None:
    if _fits(values, shape):
        found.tables.setdefault(table, {}).setdefault(int(values[0] or 0), []).append(values)


def is_row(table: str, values: tuple[Value, ...]) -> bool:
    """Whether a row of one of `TABLES` holds what we would have written."""
    return _fits(_grown(table, values), _SHAPES.get(table, _JOINING))


def _grown(table: str, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """A row with the column that its table was given later (`migrations`), where it lacks it."""
    short = table in _GROWN and len(values) == len(_SHAPES[table]) - 1
    return (*values, None) if short else values


def _fits(values: tuple[Value, ...], shape: Sequence[Callable[[Value], bool]]) -> bool:
    return len(values) == len(shape) and all(map(_call, shape, values))


def _call(fits: Callable[[Value], bool], value: Value) -> bool:
    return fits(value)


def _told_apart(found: Found) -> Found:
    """Each id once: with its body, and else as what came first."""
    kept: dict[str, int] = {}
    for number in sorted(found.ids, key=lambda n: (not found.bodies.get(n), n)):
        kept.setdefault(found.ids[number], number)
    for number in found.ids.keys() - set(kept.values()):
        del found.ids[number]
        found.bodies.pop(number, None)
    return found


def complete(found: Found, number: int, names: Sequence[str]) -> tuple[str, list[str]]:
    """Where a record goes on: "deliver" or "held", and the deliveries of it that are missing.

    Without `names`, the settings' own, those that other records have are expected.
    """
    goes = _goes(found, number)
    there = {row[1] for row in found.rows("delivery" if goes == "deliver" else "held", number)}
    return goes, [name for name in names or _all_names(found) if name not in there]


def _goes(found: Found, number: int) -> str:
    if found.rows("delivery", number):
        return "deliver"
    joins = [row[1] for row in found.rows("joining", number)]
    if joins:
        return "deliver" if joins[0] == Phase.CONNECTED else "held"
    # Where networks are joined, one of which nothing is known has not proven itself.
    return "held" if found.rows("held", number) or found.tables.get("joining") else "deliver"


def _all_names(found: Found) -> list[str]:
    names: dict[str, None] = {}
    for table in ("delivery", "held"):
        for rows in found.tables.get(table, {}).values():
            names |= dict.fromkeys(row[1] for row in sorted(rows, key=lambda row: row[2]))
    return [*names]
