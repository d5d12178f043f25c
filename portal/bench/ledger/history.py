"""A line of the audit as an event of a device's history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Event


def event(body: Mapping[str, Any]) -> Event:
    """The event of a line's body."""
    reason = body.get("reason")
    return Event(
        at=str(body["at"]),
        who=str(body["who"]),
        what=str(body["what"]),
        state=State(body.get("state", State.EXPECTED)),
        attempt=int(body.get("attempt", 0)),
        reason=None if reason is None else Reason(reason),
        detail=str(body.get("detail", "")),
    )
