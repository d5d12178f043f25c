"""The bench: what the protocols and the pages ask (`port.Devices`, `port.Wall`), over the ledger.

Law: who a device is, is decided by `devices.matching`; what becomes of it, by `devices.deciding`;
nothing is answered before the ledger has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from portal.bench.arriving import Arriving, more, word
from portal.bench.devices import deciding
from portal.bench.devices.deciding import Move
from portal.bench.devices.device import Device
from portal.bench.devices.matching import is_another, match
from portal.bench.devices.reasons import Reason
from portal.bench.devices.roll import Place
from portal.bench.devices.states import State
from portal.bench.devices.transitions import Cause
from portal.bench.documents import rendering
from portal.bench.documents.templates import Faulty
from portal.bench.filing import Filing
from portal.bench.floor import BENCH, DEVICE, Floor
from portal.bench.ledger.ledger import Line
from portal.bench.parts import Parts
from portal.bench.persons import Persons, where
from portal.bench.port import Claims, Document, Event, Head, Report, Row, Sighting, Ticket, Turn

# How often one attempt may ask for a document: a radio is not a cable.
_MOST_GIVEN: Final = 8
_MOST_DETAIL: Final = 256
# So many logs of one attempt are lines of the audit; a device that goes on is shown, not kept.
_MOST_SAID: Final = 100
# Among what a device says of itself: the last log it sent.
_LOG: Final = "log"


class Bench:
    """The real one. Raises `database.Unwritable` where something is to be kept and cannot."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.floor = Floor(parts)
        self._arriving = Arriving(self.floor)
        self._persons = Persons(self.floor, self._arriving)
        self._filing = Filing(self.floor, parts.delivered)
        # Of each device its attempt, and how many logs of it are in the audit.
        self._said: dict[str, tuple[int, int]] = {}

    # --- what the protocols ask --------------------------------------------------------------

    def see(self, sighting: Sighting) -> Turn:
        """A device asks what to do. Takes a slot where the answer is FLASH."""
        return self.floor.decided(lambda: self._arriving.see(sighting))

    def report(self, device: str, report: Report) -> bool:
        """A device says how it is getting on. Whether its attempt was still open."""
        return self.floor.decided(lambda: self._report(device, report))

    def _report(self, id_: str, report: Report) -> bool:
        device = self.floor.roll.get(id_)
        if device is None:
            return False
        self.floor.roll.heard(id_, self.parts.monotonic())
        case = self.floor.case(device)
        is_open, move = deciding.reported(device, report, case, device.protocol or "its protocol")
        if is_open:
            version = word(report.version) or device.version
            learned = replace(device, version=version, reported=report.step.value)
            new = self.floor.move(learned, [move], DEVICE) if move else learned
            text = report.text[: deciding.MOST_DETAIL]
            if text and text != device.attributes.get(_LOG):
                said = replace(new, attributes={**new.attributes, _LOG: text})
                told = {**where(new), "detail": text}
                line = Line(DEVICE, f"said: {report.step}", id_, told)
                self.floor.keep(said, [line], durable=self._is_kept(new))
            else:
                self.floor.learn(device, new)
        return is_open

    def _is_kept(self, device: Device) -> bool:
        """Whether one more log of it becomes a line of the audit."""
        attempt, count = self._said.get(device.id, (0, 0))
        count = count + 1 if attempt == device.attempt else 1
        self._said[device.id] = (device.attempt, count)
        return count <= _MOST_SAID

    def find(self, claims: Claims) -> str:
        """The id of the device that these claims prove, or ""."""
        with self.floor.deciding():
            found = match(claims, self.floor.roll.index)
            place = self.floor.roll.place(found.device)
            if found.wrong or found.rows or place is None:
                return ""
            silent = self.parts.monotonic() - place.heard
            how = (claims.mac, found.strength, silent)
            another = place.device.kept and is_another(place.device, *how)
            return "" if another else found.device

    def document(self, device: str, name: str = "") -> Document | None:
        """What this device is to be told; None where there is nothing, or not for it now."""
        return self.floor.decided(lambda: self._document(device, name))

    def _document(self, id_: str, name: str) -> Document | None:
        device = self.floor.roll.get(id_)
        if device is None or device.state is not State.CONFIGURING:
            return None
        papers = self.floor.job.papers_for(self.floor.product(device))
        wanted = [each for each in papers if name in {"", each.name, each.file}]
        if not wanted or device.given.count(wanted[0].name) >= _MOST_GIVEN:
            return None
        try:
            found = rendering.rendered(wanted[0], device.cells, device.id)
        except Faulty as error:  # it was sound when the manifest came: a secret's key has gone
            lost = Move(Cause.FAILED, reason=Reason.NO_DOCUMENT, detail=str(error))
            self.floor.move(device, [lost], BENCH)
            return None
        given = replace(device, given=(*device.given, wanted[0].name))
        told = {**where(device), "detail": wanted[0].name}
        self.floor.keep(given, [Line(BENCH, "document given", id_, told)])
        return found

    def attributes(self, device: str, values: Mapping[str, str]) -> None:
        """What a device says of itself: versions, serial, whatever it has."""

        def learn() -> None:
            there = self.floor.roll.get(device)
            if there is not None:
                said = replace(there, attributes=more(there.attributes, values))
                self.floor.learn(there, said, durable=True)

        self.floor.decided(learn)

    def ticket(self, code: str) -> Ticket | None:
        """The download that `code` allows, while its attempt is open."""
        self.floor.read()
        for place in self.floor.roll.in_state(State.FLASHING):
            if code and place.device.code == code:
                self.floor.roll.heard(place.device.id, self.parts.monotonic())
                return self._arriving.ticket(place.device)
        return None

    # --- what the pages ask --------------------------------------------------------------------

    def head(self) -> Head:
        """The wall's first line."""
        self.floor.read()
        now, flashing = self.parts.monotonic(), list(self.floor.roll.in_state(State.FLASHING))
        return Head(
            job=self.floor.job.title or self.floor.job.id,
            counts=self.floor.roll.counts(),
            rate=sum(self.parts.progress.of(each.device.code)[2] for each in flashing),
            slots=self.parts.most,
            busy=self.parts.slots.busy,
            oldest=self.parts.slots.oldest(now),
        )

    def rows(self, since: int = 0) -> tuple[int, Sequence[Row]]:
        """The latest change's number, and the devices changed after `since`."""
        self.floor.read()
        now = self.parts.monotonic()
        self.floor.advance(now)
        number, places = self.floor.roll.since(since)
        return number, [self._row(place, now) for place in places]

    def row(self, device: str) -> Row | None:
        """One device."""
        self.floor.read()
        place = self.floor.roll.place(device)
        return self._row(place, self.parts.monotonic()) if place else None

    def _row(self, place: Place, now: float) -> Row:
        device = place.device
        return Row(
            id=device.id,
            name=device.name,
            number=place.number,
            state=device.state,
            since=now - place.here,
            mac=device.mac or (device.macs[0] if device.macs else ""),
            serial=device.cells.get("serial", ""),
            product=self.floor.product(device),
            version=device.version,
            attempt=device.attempt,
            acknowledged=place.acknowledged,
            size=place.size,
            reason=Reason.BACKEND_PENDING if place.waits else device.reason,
            detail=device.detail[:_MOST_DETAIL],
            signal=place.signal,
            note=device.note or device.cells.get("note", ""),
            protocol=device.protocol,
            evidence=device.evidence,
            claim=device.cells.get("claim", ""),
        )

    def history(self, device: str) -> Sequence[Event]:
        """All that happened to it, oldest first."""
        self.floor.read()
        return self.parts.ledger.history(self.floor.number, device)

    def act(self, device: str, act: str, who: str, **words: str) -> None:
        """What a person does. Raises `Refused`."""
        self.floor.decided(lambda: self._persons.act(device, act, who, words))

    # --- by and by ---------------------------------------------------------------------------

    def heard_at(self, signals: Mapping[str, int]) -> None:
        """How strongly devices are heard: dBm by MAC. In memory only."""
        self.floor.roll.heard_at(signals)

    def chores(self) -> None:
        """Take note of bytes and of silence, and hand over what is finished. For a thread.

        Raises `database.Unwritable`.
        """
        self.floor.decided(self.floor.look)
        self.floor.hand_over()
        self._filing.look()
