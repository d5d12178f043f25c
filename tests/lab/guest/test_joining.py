"""What a join's events tell of its time."""

from __future__ import annotations

from typing import Any

from tests.lab.guest.joining import Told

EVENTS: list[tuple[float, dict[str, Any]]] = [
    (1.0, {"event": "step", "step": "found", "state": "begun"}),
    (2.5, {"event": "step", "step": "found", "state": "done"}),
    (2.5, {"event": "moving", "how": "announce", "channel": 11}),
    (3.0, {"event": "step", "step": "lease", "state": "skipped"}),
    (3.0, {"event": "step", "step": "gateway", "state": "begun"}),
    (8.0, {"event": "outcome", "outcome": "no_gateway", "step": "gateway", "key": "1"}),
]


def test_the_time_of_each_step() -> None:
    """From its begin to its end, or to the outcome that ended it; a skipped one took none."""
    told = Told(0.0, tuple(event for _, event in EVENTS), tuple(when for when, _ in EVENTS))

    assert told.outcome["outcome"] == "no_gateway"
    assert told.steps == {"found": 1.5, "gateway": 5.0}
