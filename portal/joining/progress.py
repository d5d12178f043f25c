"""How a set-up is getting on, for the page and the API: one value that both read.

Law: what is kept (`Life`) and what is known only while it happens (`Progress`) go in, a `View`
comes out. A final outcome is only ever read off what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from portal.joining.reports import STEPS, Moving, Went
from portal.provisioning.join import CONNECTED, OPEN, Join, Phase
from portal.provisioning.life import Life
from portal.provisioning.record import timestamp

BEGUN: Final = "begun"
DONE: Final = "done"
SKIPPED: Final = "skipped"
FAILED: Final = "failed"
TODO: Final = "todo"

# What a person follows: five things of the eight that are proven.
STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "found": ("found",),
    "accepted": ("authenticated", "associated"),
    "address": ("lease", "gateway"),
    "internet": ("internet",),
    "kept": ("stable", "kept"),
}

# The one thing to do after each outcome, as a key for words. Where it is "again", the same answers
# may be tried once more without typing them.
NEXT: Final[Mapping[str, str]] = {
    "connected": "done",
    "wrong_password": "password",
    "not_found": "network",
    "no_address": "router",
    "no_gateway": "router",
    "no_internet": "router",
    "upstream_portal": "portal",
    "needs_username": "user",
    "not_supported": "network",
    "lost": "again",
    "cancelled": "form",
    "failed": "again",
}
# Other answers are needed for these, so that trying the same again is not offered.
_NEW_ANSWERS: Final = frozenset({"wrong_password", "needs_username", "not_supported"})


@dataclass(frozen=True, slots=True)
class Progress:
    """What the radio has reported of a join so far."""

    steps: Mapping[str, str] = field(default_factory=dict, hash=False)
    moving: Moving | None = None

    def after(self, report: Moving | Went) -> Progress:
        """The progress with one more report."""
        if isinstance(report, Moving):
            return Progress(self.steps, report)
        return Progress({**self.steps, report.step: report.state}, self.moving)


@dataclass(frozen=True, slots=True)
class Mark:
    """One step or stage, and where it is: begun, done, skipped, failed or todo."""

    step: str
    state: str


@dataclass(frozen=True, slots=True)
class View:
    """A join as a person follows it.

    `state` is "waiting", "trying", "connected", "failed" or "interrupted"; `ahead` how many are
    tried before this one; `outcome` how it ended, "" before (also for what was interrupted);
    `next` the key of what to do now; `again` whether the same answers may be tried once more.
    `steps` are the radio's eight, `stages` a person's five. `detail` holds what else the outcome
    told: address, gateway, internet, overlaps, hostname, url, what.
    """

    state: str
    outcome: str
    step: str
    steps: tuple[Mark, ...]
    stages: tuple[Mark, ...]
    next: str
    again: bool
    ahead: int = 0
    attempts: int = 0
    moving: Moving | None = None
    detail: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state not in OPEN


def view(life: Life, progress: Progress | None = None, *, ahead: int = 0) -> View | None:
    """How the join of a record is getting on; None where the record has none."""
    join = life.join
    if join is None:
        return None
    steps = _steps(join, progress or Progress())
    outcome = join.outcome or ""
    return View(
        state=join.state.value,
        outcome=outcome,
        step=join.step or "",
        steps=tuple(Mark(step, steps[step]) for step in STEPS),
        stages=tuple(Mark(name, _stage([steps[s] for s in of])) for name, of in STAGES.items()),
        next=_next(join),
        again=join.state in {Phase.FAILED, Phase.INTERRUPTED} and outcome not in _NEW_ANSWERS,
        ahead=ahead if join.state is Phase.WAITING else 0,
        attempts=join.attempts,
        moving=progress.moving if progress and join.state in OPEN else None,
        detail=join.detail,
    )


def _next(join: Join) -> str:
    if join.state in OPEN:
        return "wait"
    return NEXT.get(join.outcome or "", "again")


def _steps(join: Join, progress: Progress) -> dict[str, str]:
    """Each step's mark: while it lasts from the reports, afterwards from what was kept."""
    if join.state is Phase.WAITING:
        return dict.fromkeys(STEPS, TODO)
    if join.state is Phase.TRYING:
        return {step: progress.steps.get(step, TODO) for step in STEPS}
    if join.outcome == CONNECTED:
        skipped = {"internet"} if join.detail.get("internet", ...) is None else set()
        return {step: SKIPPED if step in skipped else DONE for step in STEPS}
    place = STEPS.index(join.step) if join.step in STEPS else 0
    return {
        step: DONE if n < place else FAILED if n == place else TODO for n, step in enumerate(STEPS)
    }


def _stage(states: list[str]) -> str:
    """The state of a stage, from those of its steps."""
    for state in (FAILED, BEGUN):
        if state in states:
            return state
    if TODO in states:
        # Between two of its steps it is under way.
        return BEGUN if DONE in states else TODO
    return DONE if DONE in states else SKIPPED


def document(life: Life, seen: View | None) -> dict[str, Any]:
    """The same as plain values for JSON: what the API and the event stream tell."""
    return {
        "id": life.id,
        "state": life.state.value,
        **({"join": _join(seen)} if seen else {}),
        "deliveries": [
            {
                "name": each.name,
                "state": each.state.value,
                "attempts": each.attempts,
                "reason": each.reason,
                "next_try": each.next_try and timestamp(each.next_try),
            }
            for each in life.deliveries
        ],
    }


def event(life: Life, seen: View) -> bytes:
    """The same as one event of a stream (HTML, 9.2.6)."""
    return b"data: " + json.dumps(document(life, seen), separators=(",", ":")).encode() + b"\n\n"


def _join(seen: View) -> dict[str, Any]:
    moving = seen.moving and {"how": seen.moving.how, "channel": seen.moving.channel}
    return {
        "state": seen.state,
        "outcome": seen.outcome or None,
        "step": seen.step or None,
        "steps": [{"step": each.step, "state": each.state} for each in seen.steps],
        "ahead": seen.ahead,
        "attempts": seen.attempts,
        "moving": moving,
        "next": seen.next,
        "again": seen.again,
        **seen.detail,
    }
