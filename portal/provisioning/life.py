"""A record's life as one table: what may happen to a delivery, and what it is then.

Law: values only. Each named delivery of a record has a life of its own; the record's state
is read off them. The store asks `after` inside its transaction, so that two deliverers at
once still leave a true state behind. Where the record's network has to prove itself first
(`portal.provisioning.join`), its deliveries are held until it has.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.provisioning.join import Join, Phase, Turn


class State(enum.StrEnum):
    """Where a delivery, or a whole record, stands."""

    HELD = "held"  # its network has not proven itself, and perhaps never will
    ACCEPTED = "accepted"
    DELIVERING = "delivering"
    WAITING = "waiting"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    DEAD = "dead"


class Event(enum.StrEnum):
    """What happened to a delivery."""

    ACCEPTED = "accepted"  # committed, and so acknowledged
    RELEASED = "released"  # its network has proven itself
    BEGUN = "begun"  # an attempt starts
    DELIVERED = "delivered"  # the backend has it, durably
    DEFERRED = "deferred"  # not now: tried again later
    REJECTED = "rejected"  # the backend will never take it
    INTERRUPTED = "interrupted"  # the attempt's process ended before the answer was kept
    ABANDONED = "abandoned"  # the record itself cannot be read
    RETRIED = "retried"  # an operator has it offered once more


TABLE: Final[Mapping[tuple[State, Event], State]] = {
    (State.HELD, Event.RELEASED): State.ACCEPTED,
    (State.ACCEPTED, Event.BEGUN): State.DELIVERING,
    (State.ACCEPTED, Event.ABANDONED): State.DEAD,
    (State.DELIVERING, Event.BEGUN): State.DELIVERING,
    (State.DELIVERING, Event.DELIVERED): State.DELIVERED,
    (State.DELIVERING, Event.DEFERRED): State.WAITING,
    (State.DELIVERING, Event.REJECTED): State.REJECTED,
    (State.DELIVERING, Event.INTERRUPTED): State.WAITING,
    (State.DELIVERING, Event.ABANDONED): State.DEAD,
    (State.WAITING, Event.BEGUN): State.DELIVERING,
    (State.WAITING, Event.ABANDONED): State.DEAD,
    # Answers that come late, from a deliverer that was thought to be gone.
    (State.WAITING, Event.DELIVERED): State.DELIVERED,
    (State.WAITING, Event.REJECTED): State.REJECTED,
    (State.REJECTED, Event.DELIVERED): State.DELIVERED,
    (State.DEAD, Event.DELIVERED): State.DELIVERED,
    # On purpose: the backend has been put right, or this program has learned to read it.
    (State.REJECTED, Event.RETRIED): State.WAITING,
    (State.DEAD, Event.RETRIED): State.WAITING,
}

PENDING: Final = frozenset({State.ACCEPTED, State.DELIVERING, State.WAITING})

# Nothing more comes of itself: a record of such deliveries may be forgotten on purpose.
ENDED: Final = frozenset({State.DELIVERED, State.REJECTED, State.DEAD})

# A record is no better than the worst of its deliveries; what is final and bad comes first,
# because nothing that is still under way can mend it.
_WORST_FIRST: Final = (
    State.REJECTED,
    State.DEAD,
    State.DELIVERING,
    State.WAITING,
    State.ACCEPTED,
    State.HELD,
    State.DELIVERED,
)


def after(state: State, event: Event) -> State | None:
    """The state after `event`, or None where the event changes nothing and is not kept."""
    return TABLE.get((state, event))


def overall(states: Iterable[State]) -> State:
    """The state of a record whose deliveries have these states; there is at least one."""
    return min(states, key=_WORST_FIRST.index)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time three ways: `wall` may be wrong or jump, `monotonic` seconds may not.

    `monotonic` compares only within one `boot`. `is_set` says whether something vouched for the
    wall clock then (`clock`); None where an earlier version did not ask.
    """

    wall: datetime
    monotonic: float
    boot: str
    is_set: bool | None = True


@dataclass(frozen=True, slots=True)
class DeliveryLife:
    """One delivery: `reason` of the last failure; `next_try` (UTC) while it waits."""

    name: str
    state: State
    attempts: int
    reason: str | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A record's state and that of each of its deliveries, in their order.

    `join` tells of its network; None where the record goes on without one being joined.
    """

    id: str
    state: State
    deliveries: tuple[DeliveryLife, ...]
    join: Join | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to one delivery, and when."""

    delivery: str
    event: Event
    state: State
    attempt: int
    reason: str | None
    at: Moment


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to a record's join, and when; see `portal.provisioning.join`."""

    turn: Turn
    phase: Phase
    attempt: int
    outcome: str | None
    step: str | None
    at: Moment
