"""A join as one table: what may happen while a record's network proves itself.

Law: values only. A record that is to be joined waits in line, is tried, and then has an outcome
for good, or was interrupted and nobody knows. The store asks `after` inside its transaction.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final


class Phase(enum.StrEnum):
    """Where a join stands."""

    WAITING = "waiting"  # in line: another one is being tried
    TRYING = "trying"
    CONNECTED = "connected"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Turn(enum.StrEnum):
    """What happened to a join."""

    ASKED = "asked"  # accepted, and so acknowledged
    BEGUN = "begun"  # given to the radio
    PUT_OFF = "put off"  # the radio is busy with another one
    CONNECTED = "connected"  # proven, and permanent
    FAILED = "failed"  # ended with any other outcome
    INTERRUPTED = "interrupted"  # a process or the power ended before the outcome was kept
    AGAIN = "again"  # the same answers are to be tried once more


TABLE: Final[Mapping[tuple[Phase, Turn], Phase]] = {
    (Phase.WAITING, Turn.BEGUN): Phase.TRYING,
    # Taken back before its turn came.
    (Phase.WAITING, Turn.FAILED): Phase.FAILED,
    (Phase.TRYING, Turn.BEGUN): Phase.TRYING,
    (Phase.TRYING, Turn.PUT_OFF): Phase.WAITING,
    (Phase.TRYING, Turn.CONNECTED): Phase.CONNECTED,
    (Phase.TRYING, Turn.FAILED): Phase.FAILED,
    (Phase.TRYING, Turn.INTERRUPTED): Phase.INTERRUPTED,
    # What is permanent carries the record's key, and is read after a power cut.
    (Phase.INTERRUPTED, Turn.CONNECTED): Phase.CONNECTED,
    (Phase.INTERRUPTED, Turn.AGAIN): Phase.WAITING,
    (Phase.FAILED, Turn.AGAIN): Phase.WAITING,
}

# Something is still to come.
OPEN: Final = frozenset({Phase.WAITING, Phase.TRYING})

# Nothing comes of itself: such an attempt may be forgotten on purpose.
VAIN: Final = frozenset({Phase.FAILED, Phase.INTERRUPTED})

CONNECTED: Final = "connected"
# Our own fault, or nobody knows.
FAILED: Final = "failed"


def after(phase: Phase, turn: Turn) -> Phase | None:
    """The phase after `turn`, or None where the turn changes nothing and is not kept."""
    return TABLE.get((phase, turn))


@dataclass(frozen=True, slots=True)
class Join:
    """Where a record's join stands, after `attempts` of them.

    `outcome` is the radio's word for how it ended, `step` the one it ended at, both None before;
    `detail` is what else it told (address, gateway, …), never a secret; `at` when that was (UTC),
    by a clock that something vouched for, or not, or nobody knows (`is_set`).
    """

    state: Phase
    attempts: int = 0
    outcome: str | None = None
    step: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict, hash=False)
    at: datetime | None = None
    is_set: bool | None = None
