"""A bench in memory, for whoever codes against `portal.bench.port`.

Small, but it keeps the port's promises: a device gets a slot only where one is free, a ticket
holds for one attempt, nothing is done without evidence, and every change has its number. What a
test wants otherwise it says in `devices` (the rows, by id) and `given` (what each is told).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import (
    Artifact,
    Claims,
    Document,
    Event,
    Head,
    Refused,
    Report,
    Row,
    Sighting,
    Step,
    Ticket,
    Turn,
    Verb,
)

OVER = frozenset({State.PROVISIONED, State.LABELLED, State.RELEASED, State.REJECTED})
AT = "2026-03-01T09:30:00Z"


def artifact(
    body: bytes = b"firmware", name: str = "app.bin", product: str = "lamp", version: str = "2.0"
) -> Artifact:
    """What the shelf would say of these bytes."""
    return Artifact(
        sha256=hashlib.sha256(body).hexdigest(),
        sha1=hashlib.sha1(body, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),
        size=len(body),
        name=name,
        product=product,
        version=version,
        head=body[:16],
        signer="office",
    )


@dataclass
class Known:
    """What proves a device to be this one."""

    mac: str = ""
    serial: str = ""
    claim: str = ""
    token: str = ""


@dataclass
class FakeBench:
    """`port.Devices` and `port.Wall` over dicts.

    `artifacts` is by product, `documents` by device and then by name; `most` is the number of
    slots. `seen`, `reported`, `acts` and `told` are what has been asked of it.
    """

    most: int = 8
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    documents: dict[str, dict[str, Document]] = field(default_factory=dict)
    devices: dict[str, Row] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    given: dict[str, Turn] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[Sighting] = field(default_factory=list)
    reported: list[tuple[str, Report]] = field(default_factory=list)
    acts: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)
    number: int = 0

    # --- what a test says --------------------------------------------------------------------

    def expect(  # noqa: PLR0913 - the columns of a manifest
        self,
        device: str,
        *,
        mac: str = "",
        serial: str = "",
        claim: str = "",
        token: str = "",
        product: str = "lamp",
        name: str = "",
    ) -> None:
        """A row of the manifest."""
        self.known[device] = Known(mac, serial, claim, token)
        row = Row(device, name or device, 0, State.EXPECTED, 0.0, mac, serial, product)
        self._put(row, who="manifest", what="imported")

    # --- port.Devices ------------------------------------------------------------------------

    def find(self, claims: Claims) -> str:
        """The first row that the strongest of the claims names."""
        asked = (claims.token, claims.claim, claims.serial, claims.mac)
        for place, value in zip(("token", "claim", "serial", "mac"), asked, strict=True):
            for device, known in self.known.items():
                if value and getattr(known, place) == value:
                    return device
        return ""

    def see(self, sighting: Sighting) -> Turn:
        """FLASH with a slot and an artifact it does not run yet, CONFIGURE, WAIT or REST."""
        self.seen.append(sighting)
        device = self.find(sighting.claims)
        if not device:
            return Turn(Verb.WAIT, code="K7M2", reason=Reason.NOT_IN_MANIFEST)
        if device in self.given:
            return self.given[device]
        row = self.devices[device]
        if row.state in OVER:
            return self._turn(row, Verb.REST)
        if row.state in {State.FAILED, State.CONFLICT}:
            return self._turn(row, Verb.WAIT)
        return self._next(replace(row, protocol=sighting.protocol), sighting)

    def _next(self, row: Row, sighting: Sighting) -> Turn:
        image = self.artifacts.get(row.product)
        if image is None:
            return self._turn(replace(row, reason=Reason.NO_ARTIFACT), Verb.WAIT)
        if sighting.digest in {image.md5, image.sha256} or sighting.version == image.version:
            return self._installed(row, image)
        if row.state is State.FLASHING:
            return self._turn(row, Verb.FLASH)
        if self._busy() >= self.most:
            self._put(replace(row, state=State.QUEUED), who="bench", what="queued")
            return self._turn(self.devices[row.id], Verb.WAIT)
        attempt = row.attempt + 1
        flashing = replace(row, state=State.FLASHING, attempt=attempt, size=image.size)
        self._put(flashing, who="bench", what="flashing")
        code = f"{row.id}-{attempt}"
        self.tickets[code] = Ticket(code, row.id, attempt, image)
        return self._turn(flashing, Verb.FLASH)

    def _installed(self, row: Row, image: Artifact) -> Turn:
        there = replace(row, version=image.version)
        if self.documents.get(row.id):
            self._put(replace(there, state=State.CONFIGURING), who="device", what="new version")
            return self._turn(self.devices[row.id], Verb.CONFIGURE)
        done = replace(there, state=State.PROVISIONED, evidence="version seen")
        self._put(done, who="device", what="provisioned")
        return self._turn(done, Verb.REST)

    def _turn(self, row: Row, verb: Verb) -> Turn:
        tickets = [each for each in self.tickets.values() if each.device == row.id]
        return Turn(
            verb,
            row.id,
            ticket=tickets[-1] if tickets and verb is Verb.FLASH else None,
            reason=row.reason,
            action=1000 + row.attempt,
            state=row.state,
        )

    def report(self, device: str, report: Report) -> bool:
        """Take a device's word for its own attempt."""
        row = self.devices.get(device)
        is_open = row is not None and row.state not in OVER | {State.EXPECTED, State.FAILED}
        if row is None or not is_open or report.attempt not in {None, row.attempt}:
            return False
        self.reported.append((device, report))
        become = {
            Step.INSTALLED: State.REBOOTING,
            Step.REBOOTING: State.REBOOTING,
            Step.CONFIGURED: State.PROVISIONED,
            Step.SUCCESS: State.PROVISIONED,
            Step.FAILURE: State.FAILED,
        }.get(report.step, row.state)
        evidence = "its own report" if become is State.PROVISIONED else ""
        reason = Reason.DEVICE_REFUSED if become is State.FAILED else None
        there = replace(row, state=become, evidence=evidence, reason=reason, detail=report.text)
        self._put(there, who="device", what=report.step.value)
        return True

    def document(self, device: str, name: str = "") -> Document | None:
        """The one called so, or the first."""
        there = self.documents.get(device, {})
        return there.get(name) if name else next(iter(there.values()), None)

    def attributes(self, device: str, values: Mapping[str, str]) -> None:
        """Remember what the device says of itself."""
        self.said.setdefault(device, {}).update(values)

    def ticket(self, code: str) -> Ticket | None:
        """The ticket, while its device is still at that attempt."""
        ticket = self.tickets.get(code)
        row = self.devices.get(ticket.device) if ticket else None
        is_open = row and ticket and row.state is State.FLASHING and row.attempt == ticket.attempt
        return ticket if is_open else None

    # --- port.Wall ---------------------------------------------------------------------------

    def head(self) -> Head:
        """Counts of the rows there are."""
        counts = Counter(row.state for row in self.devices.values())
        return Head("demo", counts, 0.0, self.most, self._busy(), 0.0)

    def rows(self, since: int = 0) -> tuple[int, Sequence[Row]]:
        """Those with a later number."""
        return self.number, [row for row in self.devices.values() if row.number > since]

    def row(self, device: str) -> Row | None:
        """One of them."""
        return self.devices.get(device)

    def history(self, device: str) -> Sequence[Event]:
        """Its events."""
        return tuple(self.events.get(device, ()))

    def act(self, device: str, act: str, who: str, **words: str) -> None:
        """What a person does; "release" and "retry" only where there is something to."""
        row = self.devices.get(device)
        if row is None:
            raise Refused("There is no such device on this bench.")
        self.acts.append((device, act, who, words))
        if act == "retry" and row.state is not State.FAILED:
            raise Refused("Only a device that has failed is tried again.")
        if act == "note":
            self._put(replace(row, note=words["text"]), who=who, what=act)
            return
        become = {
            "retry": State.QUEUED,
            "set_aside": State.REJECTED,
            "take_back": State.CLAIMED,
            "claim": State.CLAIMED,
            "is": State.CLAIMED,
            "checked": State.PROVISIONED,
            "labelled": State.LABELLED,
            "release": State.RELEASED,
        }.get(act, row.state)
        evidence = f"checked by {who}" if act == "checked" else row.evidence
        self._put(replace(row, state=become, reason=None, evidence=evidence), who=who, what=act)

    # --- inside ------------------------------------------------------------------------------

    def _busy(self) -> int:
        return sum(row.state is State.FLASHING for row in self.devices.values())

    def _put(self, row: Row, *, who: str, what: str) -> None:
        self.number += 1
        self.devices[row.id] = replace(row, number=self.number)
        event = Event(AT, who, what, row.state, row.attempt, row.reason, row.detail)
        self.events.setdefault(row.id, []).append(event)
