"""What may happen to a device on the bench, as one table, and where it is then.

Law: whatever is not in the table has no effect. Nothing leads to `provisioned` but `DONE`, and
`DONE` counts only with evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State


class Cause(StrEnum):
    """What happens to a device."""

    SIGHTED = "sighted"  # something asked; nobody knows which device it is
    MATCHED = "matched"  # it is this row
    CLAIMED = "claimed"  # by a proof, or by a technician's word
    NO_SLOT = "no slot"  # it is to wait
    STARTED = "started"  # its download is allowed: a new attempt
    LAPSED = "not begun"  # it was told to download, and has asked for no byte
    DELIVERED = "delivered"  # it has every byte
    RETURNED = "returned"  # heard of again, without proof so far
    CONFIGURE = "configure"  # its firmware is proven, or needs none: its document is next
    DONE = "done"  # with evidence
    LABELLED = "labelled"
    RELEASED = "released"
    FAILED = "failed"
    EXPLAINED = "explained"  # why it has failed is known better now
    RETRIED = "retried"
    SET_ASIDE = "set aside"
    TAKEN_BACK = "taken back"
    CLASHED = "clashed"  # two rows are this device, or it is a second one of a row
    SETTLED = "settled"  # a person has said which
    LOST = "lost"  # not heard of for too long
    AGAIN = "again"  # a finished device is to be done once more


class Kind(StrEnum):
    """What shows that a device is done."""

    VERSION = "version"  # it runs the version it was to get
    DIGEST = "digest"  # it runs the very image it was to get
    SUCCESS = "success"  # its protocol's own word for success
    CHECKED = "checked"  # a named person has looked, and says so


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a device counts as done; `word` is a version, a digest, a protocol or a person."""

    kind: Kind
    word: str

    def __post_init__(self) -> None:
        if not self.word:
            raise ValueError("evidence names what was seen, or who has looked")

    def __str__(self) -> str:
        return _SAID[self.kind].format(self.word)


_SAID: Final[Mapping[Kind, str]] = {
    Kind.VERSION: "it runs version {}",
    Kind.DIGEST: "it runs the image {}",
    Kind.SUCCESS: "it reported success by {}",
    Kind.CHECKED: "not measured: {} has checked it",
}

# Before it is known which device this is, and while it is known and nothing is under way.
_KNOWN: Final = (State.IDENTIFIED, State.CLAIMED, State.QUEUED)
_UNDER_WAY: Final = (State.FLASHING, State.REBOOTING, State.VERIFYING, State.CONFIGURING)
_FINISHED: Final = (State.PROVISIONED, State.LABELLED, State.RELEASED)
OVER: Final = frozenset((*_FINISHED, State.REJECTED))
OPEN: Final = frozenset(_UNDER_WAY)
# A person must see to these.
STUCK: Final = frozenset({State.SEEN, State.FAILED, State.CONFLICT})


def _table() -> dict[tuple[State, Cause], State]:
    table = {
        (State.EXPECTED, Cause.MATCHED): State.IDENTIFIED,
        (State.SEEN, Cause.SIGHTED): State.SEEN,
        (State.SEEN, Cause.MATCHED): State.IDENTIFIED,
        (State.SEEN, Cause.CLAIMED): State.CLAIMED,
        (State.EXPECTED, Cause.CLAIMED): State.CLAIMED,
        (State.IDENTIFIED, Cause.CLAIMED): State.CLAIMED,
        (State.CLAIMED, Cause.NO_SLOT): State.QUEUED,
        (State.CLAIMED, Cause.STARTED): State.FLASHING,
        (State.QUEUED, Cause.STARTED): State.FLASHING,
        (State.FLASHING, Cause.LAPSED): State.CLAIMED,
        (State.FLASHING, Cause.DELIVERED): State.REBOOTING,
        (State.REBOOTING, Cause.RETURNED): State.VERIFYING,
        (State.PROVISIONED, Cause.LABELLED): State.LABELLED,
        (State.PROVISIONED, Cause.RELEASED): State.RELEASED,
        (State.LABELLED, Cause.RELEASED): State.RELEASED,
        (State.FAILED, Cause.RETRIED): State.CLAIMED,
        (State.FAILED, Cause.EXPLAINED): State.FAILED,
        (State.REJECTED, Cause.TAKEN_BACK): State.EXPECTED,
        (State.CONFLICT, Cause.SETTLED): State.CLAIMED,
        (State.CONFLICT, Cause.CLASHED): State.CONFLICT,
        (State.GONE, Cause.MATCHED): State.IDENTIFIED,
        (State.GONE, Cause.CLAIMED): State.CLAIMED,
        (State.GONE, Cause.SIGHTED): State.SEEN,
        (State.GONE, Cause.CLASHED): State.CONFLICT,
        (State.CONFLICT, Cause.LOST): State.GONE,
    }
    for state in (*_FINISHED, State.GONE):
        table[state, Cause.AGAIN] = State.CLAIMED
    # What runs the right thing is done, whatever we thought of it: also what came back too late.
    for state in (*_KNOWN[1:], *_UNDER_WAY, State.FAILED, State.GONE):
        table[state, Cause.DONE] = State.PROVISIONED
    for state in (*_KNOWN[1:], State.FLASHING, State.REBOOTING, State.VERIFYING, State.FAILED):
        table[state, Cause.CONFIGURE] = State.CONFIGURING
    for state in (State.SEEN, *_KNOWN, *_UNDER_WAY):
        table[state, Cause.FAILED] = State.FAILED
        table[state, Cause.CLASHED] = State.CONFLICT
    table[State.SEEN, Cause.LOST] = State.GONE
    for state in _KNOWN:
        table[state, Cause.LOST] = State.GONE
    for state in State:
        if state is not State.REJECTED:
            table[state, Cause.SET_ASIDE] = State.REJECTED
    return table


TABLE: Final[Mapping[tuple[State, Cause], State]] = _table()

# From these an attempt begins, and these states are no part of one.
READY: Final = frozenset({State.CLAIMED, State.QUEUED})
APART: Final = frozenset({*READY, State.GONE, State.REJECTED, State.CONFLICT})


def after(
    state: State, cause: Cause, evidence: Evidence | None = None, reason: Reason | None = None
) -> State | None:
    """Where a device is when `cause` has happened to it; None where that has no effect.

    `DONE` needs evidence and `FAILED` a reason: without, they have none either.
    """
    if cause is Cause.DONE and evidence is None:
        return None
    if cause in {Cause.FAILED, Cause.EXPLAINED} and reason is None:
        return None
    return TABLE.get((state, cause))
