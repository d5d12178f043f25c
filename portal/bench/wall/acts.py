"""What a person can do to a device, and when the page offers it.

The bench itself decides whether it may be done; this only keeps buttons that cannot work away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.bench.devices.states import State
from portal.bench.port import Row
from portal.bench.wall.groups import Group, of


@dataclass(frozen=True, slots=True)
class Act:
    """A button: its name for the bench, what stands on it, what its form asks besides."""

    name: str
    words: str
    asks: str = ""
    longest: int = 0


ACTS: Final[Mapping[str, Act]] = {
    act.name: act
    for act in (
        Act("retry", "Retry"),
        Act("identify", "Identify"),
        Act("set_aside", "Set aside"),
        Act("take_back", "Take back"),
        Act("checked", "I checked it: it works"),
        Act("labelled", "It has its label"),
        Act("release", "Send it away"),
        Act("claim", "Claim", "code", 64),
        Act("is", "This is it", "row", 64),
        Act("note", "Keep the note", "text", 500),
    )
}

_OFFERED: Final[Mapping[Group, tuple[str, ...]]] = {
    Group.FAILED: ("retry", "identify", "checked", "set_aside"),
    Group.CONFLICT: ("identify", "set_aside"),
    Group.UNKNOWN: ("identify", "set_aside"),
    Group.GONE: ("retry", "checked", "set_aside"),
    Group.WORKING: ("identify", "set_aside"),
    Group.WAITING: ("identify", "set_aside"),
    Group.EXPECTED: ("set_aside",),
    Group.DONE: ("identify", "release"),
    Group.ASIDE: ("take_back",),
}
# On the wall only what helps most; all of it is on the device's own page.
_FIRST: Final = frozenset({"retry", "set_aside", "identify"})


def offered(row: Row) -> list[Act]:
    """The buttons of a device's own page."""
    names = [*_OFFERED[of(row.state)]]
    if row.state in {State.VERIFYING, State.REBOOTING, State.CONFIGURING}:
        names.append("checked")
    if row.state is State.PROVISIONED:
        names.insert(0, "labelled")
    if row.state is State.RELEASED:
        names.remove("release")
    return [ACTS[name] for name in names]


def first(row: Row) -> list[Act]:
    """The buttons of its card on the wall."""
    return [act for act in offered(row) if act.name in _FIRST]


def asks_which(row: Row) -> bool:
    """Whether a person is to say which row of the manifest this device is."""
    return of(row.state) in {Group.CONFLICT, Group.UNKNOWN}
