"""What the radio agent reports, one JSON object per line, as typed values.

The agent is ours, but what it passes on comes from strangers' networks and runs as root: a line
that is not as agreed is `Garbled`, an event this version does not know is None, and of an outcome
only what is listed here goes any further.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Bytes of one line with its end, both ways.
LONGEST: Final = 64 * 1024
_MAC: Final = re.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_FAINTEST: Final = -128

# In this order they are proven; the names are the agent's.
STEPS: Final = (
    "found", "authenticated", "associated", "lease", "gateway", "internet", "stable", "kept",
)  # fmt: skip
OUTCOMES: Final = frozenset({
    "connected", "wrong_password", "not_found", "no_address", "no_gateway", "no_internet",
    "upstream_portal", "needs_username", "not_supported", "lost", "cancelled", "failed",
})  # fmt: skip


class Garbled(Exception):  # noqa: N818 - named for what the line is
    """A line that is no report."""


@dataclass(frozen=True, slots=True)
class Moving:
    """The access point changes its channel: "announce", "restart" or "return"."""

    how: str
    channel: int


@dataclass(frozen=True, slots=True)
class Went:
    """A step has begun, is done, or was skipped."""

    step: str
    state: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A join's last report: `outcome`, the `step` it ended at, and what else can be told."""

    outcome: str
    step: str
    detail: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Scanning:
    """So many channels of so many have been listened to."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """The scan has ended; the agent has written its list."""

    networks: int


@dataclass(frozen=True, slots=True)
class Status:
    """The key of the join that is running (`outcome` None) or was last, and of what is kept."""

    join: str | None
    outcome: str | None
    kept: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The agent does not do it: why, and the part of the request it means."""

    what: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A network is permanent without a try; `key` names who asked."""

    key: str


@dataclass(frozen=True, slots=True)
class Stations:
    """Who is on the access point: dBm by MAC, lower case with colons."""

    signals: Mapping[str, int] = field(hash=False)


Report = Stations | Moving | Went | Ended | Scanning | Scanned | Status | Kept | Refused


def read(line: bytes) -> Report | None:
    """The report in a line, or None for an event of another kind. Raises `Garbled`."""
    try:
        values = json.loads(line.decode("utf-8"))
        event = values["event"]
        if not isinstance(event, str):
            raise Garbled("an event is text")
        reader = _READERS.get(event)
        return reader(values) if reader else None
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        raise Garbled(type(error).__name__) from None


def _moving(values: Mapping[str, Any]) -> Moving:
    return Moving(_one_of(values["how"], _HOWS), _count(values["channel"]))


def _went(values: Mapping[str, Any]) -> Went:
    return Went(_one_of(values["step"], STEPS), _one_of(values["state"], _STATES))


def _ended(values: Mapping[str, Any]) -> Ended:
    outcome = values["outcome"] if values["outcome"] in OUTCOMES else "failed"
    told = {name: values[name] for name, fits in _DETAIL.items()
            if name in values and fits(values[name])}  # fmt: skip
    return Ended(outcome, _one_of(values["step"], STEPS), told)


def _status(values: Mapping[str, Any]) -> Status:
    join, kept = values["join"] or {}, values["kept"] or {}
    found = (join.get("key"), join.get("outcome"), kept.get("key"))
    if not all(each is None or isinstance(each, str) for each in found):
        raise Garbled("a key is text")
    return Status(*found)


def _stations(values: Mapping[str, Any]) -> Stations:
    found = {}
    for one in values["stations"]:
        address, signal = one["address"], one["signal"]
        if not _MAC.fullmatch(address):
            raise Garbled("a station has a MAC")
        if type(signal) is int and _FAINTEST <= signal < 0:  # a driver without a figure says 0
            found[address.lower()] = signal
    return Stations(found)


def _kept(values: Mapping[str, Any]) -> Kept:
    if not isinstance(values["key"], str):
        raise Garbled("a key is text")
    return Kept(values["key"])


def _one_of(value: Any, words: tuple[str, ...]) -> str:  # noqa: ANN401 - anything may come
    if value not in words:
        raise Garbled("not one of the words")
    return str(value)


def _count(value: Any) -> int:  # noqa: ANN401 - anything may come
    if type(value) is not int or not 0 <= value < 1 << 16:
        raise Garbled("not a number")
    return value


def _text(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


_HOWS: Final = ("announce", "restart", "return")
_STATES: Final = ("begun", "done", "skipped")

# Of an outcome, what may be shown to a person. A URL of the home network's own portal is a
# stranger's: only http and https, and nothing that would have to be quoted.
_DETAIL: Final[Mapping[str, Callable[[object], bool]]] = {
    "address": _text(r"[0-9.]{7,15}(/[0-9]{1,2})?"),
    "gateway": _text(r"[0-9.]{7,15}"),
    "internet": lambda value: value is None or isinstance(value, bool),
    "overlaps": lambda value: isinstance(value, bool),
    "hostname": _text(r"[A-Za-z0-9-]{1,63}"),
    "url": _text(r"https?://[!#-;=?-~]{1,500}"),
    "what": lambda value: isinstance(value, str) and value.isprintable() and 0 < len(value) < 300,  # noqa: PLR2004 - a line of words
}

_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Report]]] = {
    "moving": _moving,
    "step": _went,
    "outcome": _ended,
    "scanning": lambda values: Scanning(_count(values["done"]), _count(values["of"])),
    "networks": lambda values: Scanned(len(values["networks"])),
    "status": _status,
    "stations": _stations,
    "kept": _kept,
    "refused": lambda values: Refused(str(values["what"])[:200], str(values.get("field", ""))[:80]),
}
