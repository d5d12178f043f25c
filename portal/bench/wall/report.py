"""What a shift has come to: counts, durations, failures, one line a device.

Law: values in, values out. A duration is from a device's first download to the moment it was
done; the median and the 95th percentile are ones that a device really took (nearest rank).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Artifact, Event, Row
from portal.bench.wall import groups
from portal.bench.wall.groups import Group

_DONE: Final = frozenset({State.PROVISIONED, State.LABELLED, State.RELEASED})
# Who acts by itself; everybody else in a history is a person.
_NOBODY: Final = frozenset({"", "bench", "device", "manifest"})


@dataclass(frozen=True, slots=True)
class Line:
    """One device. `begun` and `done` are UTC, ISO 8601, or ""; `seconds` lie between them."""

    row: Row
    begun: str
    done: str
    seconds: float | None
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `failures` are reasons and how often they came, also of those done since."""

    counts: Mapping[Group, int]
    lines: Sequence[Line]
    median: float | None
    p95: float | None
    failures: Sequence[tuple[Reason, int]]
    files: Sequence[Artifact]
    people: Sequence[str]
    begun: str
    ended: str


def made(rows: Iterable[tuple[Row, Sequence[Event]]], files: Iterable[Artifact]) -> Report:
    """The report of these devices and their histories; `files` are those on the shelf."""
    found = sorted(rows, key=lambda pair: groups.natural(pair[0]))
    lines = [_line(row, history) for row, history in found]
    taken = sorted(line.seconds for line in lines if line.seconds is not None)
    events = [event for _, history in found for event in history]
    times = sorted(event.at for event in events if event.state is not State.EXPECTED)
    used = {(row.product, row.version) for row, _ in found if row.state in _DONE}
    return Report(
        groups.counted(Counter(row.state for row, _ in found)),
        lines,
        percentile(taken, 50),
        percentile(taken, 95),
        Counter(
            event.reason for event in events if _is_failure(event) and event.reason
        ).most_common(),
        [each for each in files if (each.product, each.version) in used],
        sorted({person for line in lines for person in line.people}),
        times[0] if times else "",
        times[-1] if times else "",
    )


def percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest of sorted `values` that `share` in 100 of them do not exceed."""
    if not values:
        return None
    return values[max(0, math.ceil(len(values) * share / 100) - 1)]


def _line(row: Row, history: Sequence[Event]) -> Line:
    begun = next((event.at for event in history if event.state is State.FLASHING), "")
    ends = [event.at for event in history if event.state is State.PROVISIONED]
    done = ends[-1] if ends and row.state in _DONE else ""
    people = dict.fromkeys(event.who for event in history if event.who not in _NOBODY)
    return Line(row, begun, done, _between(begun, done), tuple(people))


def _between(begun: str, done: str) -> float | None:
    """Seconds; None where one is missing, or the clock was put back."""
    try:
        passed = datetime.fromisoformat(done) - datetime.fromisoformat(begun)
    except (ValueError, TypeError):
        return None
    return passed.total_seconds() if passed.total_seconds() >= 0 else None


def _is_failure(event: Event) -> bool:
    return event.state is State.FAILED
