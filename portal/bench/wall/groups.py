"""How the wall sorts devices: what needs a person, what works, what waits, what is done.

Each group has a letter, by which the page gives it a colour and a shape: nobody needs to tell red
from green.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Row


class Group(StrEnum):
    """In the order in which a technician wants to see them; the value is the letter."""

    FAILED = "f"
    CONFLICT = "c"
    UNKNOWN = "u"
    GONE = "g"
    WORKING = "w"
    WAITING = "q"
    EXPECTED = "e"
    DONE = "d"
    ASIDE = "a"


WORDS: Final[Mapping[Group, str]] = {
    Group.FAILED: "failed",
    Group.CONFLICT: "conflict",
    Group.UNKNOWN: "unclaimed",
    Group.GONE: "not heard of",
    Group.WORKING: "working",
    Group.WAITING: "waiting",
    Group.EXPECTED: "expected",
    Group.DONE: "done",
    Group.ASIDE: "set aside",
}

_OF: Final[Mapping[State, Group]] = {
    State.EXPECTED: Group.EXPECTED,
    State.SEEN: Group.UNKNOWN,
    State.IDENTIFIED: Group.WAITING,
    State.CLAIMED: Group.WAITING,
    State.QUEUED: Group.WAITING,
    State.FLASHING: Group.WORKING,
    State.REBOOTING: Group.WORKING,
    State.VERIFYING: Group.WORKING,
    State.CONFIGURING: Group.WORKING,
    State.PROVISIONED: Group.DONE,
    State.LABELLED: Group.DONE,
    State.RELEASED: Group.DONE,
    State.FAILED: Group.FAILED,
    State.CONFLICT: Group.CONFLICT,
    State.REJECTED: Group.ASIDE,
    State.GONE: Group.GONE,
}

# For whom a person must do something.
NEEDY: Final = frozenset({Group.FAILED, Group.CONFLICT, Group.UNKNOWN, Group.GONE})
_NUMBER: Final = re.compile("([0-9]+)")
STATES: Final = tuple(State)
REASONS: Final = tuple(Reason)


def of(state: State) -> Group:
    """The group of a device in this state."""
    return _OF[state]


def natural(row: Row) -> list[str | int]:
    """By what rows are sorted as people count: lamp-9 before lamp-10."""
    parts = _NUMBER.split(row.name or row.id)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def order(row: Row) -> tuple[int, list[str | int]]:
    """By what a row is sorted on the wall: the group, then the name."""
    return _PLACES[of(row.state)], natural(row)


def needy(rows: Iterable[Row]) -> list[Row]:
    """Those that need a person, in the order in which they are helped."""
    return sorted((row for row in rows if of(row.state) in NEEDY), key=order)


def working(rows: Iterable[Row]) -> list[Row]:
    """Those that are being worked on, by name."""
    return sorted((row for row in rows if of(row.state) is Group.WORKING), key=order)


def counted(counts: Mapping[State, int]) -> dict[Group, int]:
    """How many there are of each group, none left out."""
    found = dict.fromkeys(Group, 0)
    for state, count in counts.items():
        found[of(state)] += count
    return found


def totals(counts: Mapping[State, int]) -> tuple[int, int, int, int]:
    """Done, working, for a person, and to go: all but what is set aside is one of these."""
    groups = counted(counts)
    needing = sum(groups[group] for group in NEEDY)
    to_go = groups[Group.WAITING] + groups[Group.EXPECTED]
    return groups[Group.DONE], groups[Group.WORKING], needing, to_go


def percent(row: Row) -> int:
    """How much of the download is with the device, from 0 to 100."""
    if of(row.state) is Group.DONE:
        return 100
    return min(100, 100 * row.acknowledged // row.size) if row.size > 0 else 0


def found(rows: Iterable[Row], text: str) -> list[Row]:
    """Those that have `text` in their id, name, serial or MAC, an exact one first of all."""
    wanted = text.strip().casefold()
    squeezed = wanted.replace(":", "").replace("-", "")
    hits = [row for row in rows if _has(row, wanted, squeezed)]
    return sorted(hits, key=lambda row: wanted not in names(row))


def _has(row: Row, wanted: str, squeezed: str) -> bool:
    if any(wanted in name for name in names(row)):
        return True
    return bool(squeezed) and squeezed in row.mac.replace(":", "")


def names(row: Row) -> Sequence[str]:
    """What a device goes by, in small letters."""
    return [name.casefold() for name in (row.id, row.name, row.serial, row.mac) if name]


_PLACES: Final = {group: place for place, group in enumerate(Group)}
