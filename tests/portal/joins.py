"""Joins in every state there is, for the pages about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotspot.settings import Choice, Field, Secret
from portal.joining.progress import Progress
from portal.joining.reports import STEPS, Moving, Scanning
from portal.provisioning.join import Join, Phase
from portal.provisioning.life import DeliveryLife, Life, State
from portal.provisioning.record import Record
from tests.portal.fakes import NOW, FakeOutbox, neighbourhood

ID = "019cb000-0000-7000-8000-000000000000"
CANARY = "kanarienvogel-4711"
WHERE = {
    "address": "192.168.77.131/24",
    "gateway": "192.168.77.1",
    "internet": True,
    "overlaps": False,
    "hostname": "vestibule",
}
# The step that each outcome is met at.
ENDED_AT = {
    "wrong_password": "authenticated",
    "not_found": "found",
    "no_address": "lease",
    "no_gateway": "gateway",
    "no_internet": "internet",
    "upstream_portal": "internet",
    "needs_username": "found",
    "not_supported": "found",
    "lost": "stable",
    "cancelled": "lease",
    "failed": "lease",
}


class FakeJoining:
    """The driver of joins, as far as pages ask it: what a join has come to, and the line."""

    def __init__(self) -> None:
        self.now = Progress()
        self.before = 0
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def progress(self, id: str) -> Progress | None:  # noqa: A002, ARG002 - the port's own
        return self.now

    def ahead(self, id: str) -> int:  # noqa: A002, ARG002 - the port's own
        return self.before

    def cancel(self, id: str) -> None:  # noqa: A002 - the port's own
        pass

    def reach(self, step: str, moving: Moving | None = None) -> None:
        """Everything before `step` is done, and that has begun."""
        place = STEPS.index(step)
        self.now = Progress({**dict.fromkeys(STEPS[:place], "done"), step: "begun"}, moving)


def record(ssid: bytes = neighbourhood()[0].ssid, **fields: str) -> Record:
    """A record called `ID`."""
    return Record(ID, NOW, ssid, Secret(CANARY), fields)


def become(
    outbox: FakeOutbox,
    phase: Phase,
    outcome: str | None = None,
    detail: Mapping[str, Any] | None = None,
    *,
    kept: Record | None = None,
) -> None:
    """Let the record called `ID` be in this phase of its join."""
    outbox.records[:] = [record() if kept is None else kept]
    state = State.DELIVERED if phase is Phase.CONNECTED else State.HELD
    step = "kept" if phase is Phase.CONNECTED else ENDED_AT.get(outcome or "")
    join = Join(phase, 1, outcome, step, detail or {}, NOW)
    outbox.lives[ID] = Life(ID, state, (DeliveryLife("keep", state, 1),), join)


def operators_fields() -> tuple[Field, ...]:
    """One question of each kind."""
    label = {"": "room"}
    return (
        Field("room", "text", label, {"": "room"}, required=True, pattern="[a-z]+"),
        Field("number", "number", {"": "number"}, least=1, most=9),
        Field("hall", "choice", {"": "hall"}, choices=(Choice("1", label), Choice("2", label))),
        Field("consent", "switch", {"": "consent"}, required=True),
        Field("secret", "secret", {"": "secret"}),
    )


class FakeRescan:
    """Looking around again, as far as pages ask: how far it has got."""

    def __init__(self) -> None:
        self.progress: Scanning | None = None
        self.begun = 0

    def visited(self) -> None:
        pass

    def begin(self) -> bool:
        self.begun += 1
        self.progress = Scanning(0, 13)
        return True
