"""Jobs, manifests, files and the audit: what the pages and the commands ask beyond devices.

With `Bench` it is the whole of `desk.Desk`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from portal.bench import checking, lighting
from portal.bench.artifacts.uploads import Uploads
from portal.bench.bench import Bench
from portal.bench.desk import Entry, Light, Offer, Preview
from portal.bench.desk import Job as Listed
from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.devices.transitions import OVER
from portal.bench.floor import Floor
from portal.bench.ledger.ledger import Change, JobRow, Line
from portal.bench.manifest import columns, exporting, importing, job, reading
from portal.bench.manifest.importing import Plan
from portal.bench.manifest.job import Job
from portal.bench.manifest.reading import Table, Unreadable
from portal.bench.parts import Parts
from portal.bench.port import Artifact, Refused, Row

_DONE: Final = OVER - {State.REJECTED}
_OPEN: Final = frozenset({State.EXPECTED, State.IDENTIFIED, State.GONE, State.FAILED})
_MOST_CANDIDATES: Final = 200


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether secrets can be sealed, whether a lead may let in what is unsigned, and the roster of
    signers: minisign public keys by name.
    """

    seals: bool = True
    unsigned: bool = True
    signers: Mapping[str, str] = field(default_factory=dict)


class Reception(Bench):
    """The bench with its desk. Raises `port.Refused`, and `database.Unwritable`."""

    def __init__(self, parts: Parts, uploads: Uploads, rights: Rights) -> None:
        super().__init__(parts)
        self._uploads = uploads
        self.rights = rights

    def site(self) -> str:
        """Where the bench stands, by the settings; ""."""
        return self.parts.site

    def candidates(self, device: str) -> Sequence[Row]:
        """The rows that a device that is unclaimed or in conflict may be."""
        rows = [
            row for row in self.rows()[1]
            if row.id != device and (row.state in _OPEN or row.state is State.CONFLICT)
        ]  # fmt: skip
        kept = [row for row in rows if (there := self.floor.roll.get(row.id)) and there.kept]
        return sorted(kept, key=lambda row: row.id)[:_MOST_CANDIDATES]

    # --- jobs ----------------------------------------------------------------------------------

    def jobs(self) -> Sequence[Listed]:
        """All jobs, the latest first."""
        return [_listed(self.floor, row) for row in reversed(self.parts.ledger.jobs())]

    def open_job(self, name: str, who: str) -> None:
        """Begin a job."""
        title = " ".join(name.split())
        id_ = re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")[:64]
        if not id_ or not title.isprintable():
            raise Refused("A job's name has letters or digits.")
        if any(row.id == id_ for row in self.parts.ledger.jobs()):
            raise Refused(f"There is a job called {id_} already.")
        self._work_on(Job(id_, title[:80]), who, "job begun")

    def choose_job(self, job: str, who: str) -> None:
        """Go on with this one."""
        row = next((row for row in self.parts.ledger.jobs() if row.id == job), None)
        if row is None:
            raise Refused("There is no such job.")
        self._no_download()
        line = Line(who, "job chosen", more={"job": job})
        self.parts.ledger.put_job(job, row.document, line)
        self.floor.decided(lambda: None)

    def _work_on(self, new: Job, who: str, what: str) -> None:
        """Go on with a job: a new one, or what one says now."""
        if new.id != self.floor.job.id:
            self._no_download()
        line = Line(who, what, more={"job": new.id})
        self.parts.ledger.put_job(new.id, job.document(new), line)
        self.floor.decided(lambda: None)

    def _no_download(self) -> None:
        """Another job must not take the tickets of those who are in the middle of this one."""
        self.floor.read()
        if next(self.floor.roll.in_state(State.FLASHING), None) is not None:
            raise Refused("Devices are downloading. Wait for them, or set them aside first.")

    # --- manifests -----------------------------------------------------------------------------

    def preview(self, name: str, body: bytes) -> Preview:
        """What this manifest would change."""
        with self.floor.deciding():
            return self._plan(name, body)[0].preview

    def take_manifest(self, name: str, body: bytes, who: str, *, partial: bool) -> Preview:
        """Import it: all of it, or with `partial` what is sound."""
        return self.floor.decided(lambda: self._import(name, body, who, partial=partial))

    def _import(self, name: str, body: bytes, who: str, *, partial: bool) -> Preview:
        plan, new = self._plan(name, body)
        if plan.invalid and not partial:
            raise Refused(f"{plan.invalid} rows are not sound. Correct them, or leave them out.")
        if new is not None:
            self._work_on(new, who, "job imported")
            return plan.preview
        self.keep(plan, name, who)
        return plan.preview

    def keep(self, plan: Plan, name: str, who: str) -> None:
        """Make a plan true."""
        devices = (*plan.new, *plan.changed)
        lines = [Line(who, "imported", device.id) for device in plan.new]
        lines += [
            Line(
                who, "changed after it was done" if each.state in OVER else "changed", each.id,
                {"state": each.state.value, "attempt": each.attempt},
            )
            for each in plan.changed
        ]  # fmt: skip
        summary = {"file": name, "new": len(plan.new), "changed": len(plan.changed)}
        self.floor.write(Change(devices, [Line(who, "manifest imported", more=summary), *lines]))
        for device in devices:
            self.floor.roll.put(device, self.parts.monotonic())

    def _plan(self, name: str, body: bytes) -> tuple[Plan, Job | None]:
        """What a file would change: devices, or with a `.toml` the job itself."""
        known = {each.device.id: each.device for each in self.floor.roll.all() if each.device.kept}
        if name.lower().endswith(".vbench"):
            raise Refused("A package is imported by command: vestibule bench import FILE.")
        if name.lower().endswith(".toml"):
            new = checking.job_of(body)
            papers = known.values() if self.floor.job.id == new.id else ()
            faults = [(each.id, fault) for each in papers if (fault := checking.faults(new, each))]
            if faults:
                raise Refused("\n".join(f"{id_}: {fault}" for id_, fault in faults[:20]))
            return Plan(notes=(f"The job {new.id}: {new.title or 'without a title'}.",)), new
        return self.plan(body, self.floor.job, known), None

    def plan(
        self,
        body: bytes,
        of: Job,
        known: Mapping[str, Device],
        change: Callable[[Table], Table] = lambda table: table,
    ) -> Plan:
        """What rows would change in a job with these devices, after a `change` to what was read."""
        try:
            table = change(reading.read(body))
        except Unreadable as error:
            raise Refused(str(error)) from None
        sealed = [each for each in table.columns if columns.is_secret(each)]
        if sealed and not self.rights.seals:
            words = "are secrets, and PyNaCl is missing: pip install 'vestibule[sealing]'"
            raise Refused(f"{', '.join(sealed)} {words}.")
        check = functools.partial(checking.faults, of)
        return importing.plan(table, known, self.parts.random, check)

    def export(self) -> bytes:
        """The job's manifest as CSV, with states, without secrets."""
        return b"".join(exporting.as_csv(self.devices()))

    def devices(self) -> list[Device]:
        """The job's devices in the order of its manifest."""
        self.floor.read()
        return self.parts.ledger.devices(self.floor.number)

    # --- files ---------------------------------------------------------------------------------

    def files(self) -> Sequence[Artifact]:
        """The files on the shelf, the latest first."""
        return self.parts.shelf.all()[::-1]

    def send_piece(self, upload: str, offset: int, piece: bytes) -> int:
        """How many bytes of this upload are here now."""
        return self._uploads.send(upload, offset, piece)

    def take_file(self, upload: str, offer: Offer, who: str) -> Artifact:
        """Put what was sent on the shelf."""
        self.may_override(offer)
        found = self._uploads.finish(
            upload, offer.name, offer.product, offer.version,
            signature=offer.signature.encode(), override=who if offer.override else "",
        )  # fmt: skip
        self.note(who, "file added unsigned" if offer.override else "file added", _about(found))
        return found

    def put_file(
        self,
        chunks: Iterable[bytes],
        offer: Offer,
        signature: bytes,
        who: str,
        vouched: str = "",
    ) -> Artifact:
        """Put a file on the shelf that is at hand as a whole; `vouched` for by a signer's list."""
        self.may_override(offer)
        found = self.parts.shelf.add(
            chunks, offer.name, offer.product, offer.version,
            signature=signature, override=who if offer.override else "", vouched=vouched,
        )  # fmt: skip
        self.note(who, "file added unsigned" if offer.override else "file added", _about(found))
        return found

    def may_override(self, offer: Offer) -> None:
        """Raises `Refused` where nobody lets in what is not signed."""
        if offer.override and not self.rights.unsigned:
            raise Refused("Here nobody lets in what is not signed ([bench] unsigned).")

    def drop_file(self, sha256: str, who: str) -> None:
        """Remove one that no job uses."""
        found = self.parts.shelf.find(sha256)
        self.parts.shelf.remove(sha256, self._is_used)
        if found:
            self.note(who, "file removed", _about(found))

    def _is_used(self, sha256: str) -> bool:
        self.floor.read()
        open_ = (p.device for p in self.floor.roll.all() if p.device.state not in OVER)
        return any(sha256 in {each.artifact, _sha(self.floor, each)} for each in open_)

    # --- the audit -------------------------------------------------------------------------------

    def audit(self, most: int = 200) -> Sequence[Entry]:
        """The latest entries, the latest first."""
        return [
            Entry(int(b["n"]), str(b["at"]), str(b["who"]), str(b["what"]), _told(b), digest)
            for b, digest in self.parts.ledger.lines(most)
        ]

    def note(self, who: str, what: str, about: str = "") -> None:
        """An entry in the audit."""
        line = Line(who, what, more={"detail": about} if about else {})
        self.floor.decided(lambda: self.floor.write(Change(lines=[line])))

    def lights(self) -> Sequence[Light]:
        """Slots, disk, signatures, clock, manifest."""
        number, _ = self.rows(1 << 62)
        places = self.floor.roll.all() if number else []
        return lighting.lights(
            room=self.parts.shelf.room(),
            slots=self.parts.most,
            files=self.parts.shelf.all(),
            signers=len(self.rights.signers),
            clock=self.parts.now(),
            lacking=[p.device.id for p in places if p.device.kept and self._lacks(p.device)],
            devices=len(places),
        )

    def _lacks(self, device: Device) -> bool:
        case = self.floor.case(device)
        return device.state not in OVER and case.artifact is None and not case.document


def _listed(floor: Floor, row: JobRow) -> Listed:
    states = [each.state for each in floor.parts.ledger.devices(row.n)]
    done = sum(state in _DONE for state in states)
    title = str(row.document.get("job", {}).get("title", "")) or row.id
    failed = states.count(State.FAILED)
    return Listed(row.id, title, len(states), done, failed, row.begun, row.current)


def _sha(floor: Floor, device: Device) -> str:
    image = floor.artifact(replace(device, artifact=""))
    return image.sha256 if image else ""


def _about(artifact: Artifact) -> str:
    return f"{artifact.name} {artifact.product} {artifact.version} sha256:{artifact.sha256}"


def _told(body: dict[str, Any] | Any) -> str:  # noqa: ANN401 - a line of the ledger
    words = (body.get(key, "") for key in ("device", "state", "reason", "detail", "file", "job"))
    return " · ".join(str(word) for word in words if word)
