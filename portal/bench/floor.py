"""The bench's floor: the job, its devices, and how a decision becomes true.

Law: a move is in the ledger before anybody is told of it. Decisions are made one at a time; what
another process has changed meanwhile is read first, and the decision made anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

from portal.bench import parcels
from portal.bench.devices import deciding
from portal.bench.devices.deciding import Bytes, Case, Move
from portal.bench.devices.device import Device
from portal.bench.devices.roll import Roll
from portal.bench.devices.states import State
from portal.bench.devices.stepping import stepped
from portal.bench.devices.transitions import OVER, Cause
from portal.bench.ledger.ledger import Change, JobRow, Line, Moved
from portal.bench.manifest import job as jobs
from portal.bench.manifest.job import Job
from portal.bench.parts import Parts
from portal.bench.port import Artifact
from portal.provisioning.record import timestamp

Answer = TypeVar("Answer")

BENCH: Final = "bench"
DEVICE: Final = "device"
_TRIES: Final = 5
# Seconds: so often at the most the office is told how long the audit is, and its head.
_AUDIT: Final = 600.0
# More than a job has changes.
_ANOTHER_JOB: Final = 10**9


class Floor:
    """The job that is worked on. Raises `database.Unwritable` wherever something is to be kept."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        # Beyond any number that an earlier run has given: a page that was left open asks on.
        self.roll = Roll(int(parts.now().timestamp() * 1000))
        self.job: Job = jobs.EMPTY
        self.row: JobRow | None = None
        self._lock = threading.RLock()
        self._seen = -1
        self._told = float("-inf")

    # --- reading ---------------------------------------------------------------------------

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Nobody else decides meanwhile, and what is known is what the ledger says."""
        with self._lock:
            self._refresh()
            yield

    def decided(self, decide: Callable[[], Answer]) -> Answer:
        """What `decide` answers, once its decision holds."""
        for _ in range(_TRIES):
            try:
                with self.deciding():
                    return decide()
            except Moved:
                self._seen = -1
        raise Moved("another process writes without end")

    def read(self) -> None:
        """Know what the ledger says, at the beginning."""
        if self._seen < 0:
            with self.deciding():
                pass

    def _refresh(self) -> None:
        """Read again what another process has written."""
        number, _ = self.parts.ledger.head()
        if number == self._seen:
            return
        was, rows = self.row, self.parts.ledger.jobs()
        self.row = next((row for row in rows if row.current), None)
        if was and self.row and was.n != self.row.n:
            # Smaller numbers than any before: whoever asks for changes is to read all anew.
            self.roll = Roll(self.roll.first - _ANOTHER_JOB)
        self.job = jobs.kept(self.row.document) if self.row else jobs.EMPTY
        devices = self.parts.ledger.devices(self.number)
        now = self.parts.monotonic()
        self.roll.fill(devices, now)
        for place in self.roll.in_state(State.FLASHING):
            self.parts.slots.take(place.device.id, now)
        self._seen = number

    @property
    def number(self) -> int:
        """The job's, in the ledger; 0 for devices of no job."""
        return self.row.n if self.row else 0

    # --- writing ---------------------------------------------------------------------------

    def move(self, device: Device, moves: Sequence[Move], who: str) -> Device:
        """Let moves happen to a device, one after the other: how it is then."""
        new, lines = device, []
        for each in moves:
            after = stepped(new, each)
            if after is None:
                continue
            if after.state is State.PROVISIONED:
                after = replace(after, done_at=timestamp(self.parts.now()))
            if each.cause is Cause.STARTED:
                after = replace(after, code=self._code(after))
            lines.append(Line(who, each.cause.value, device.id, _more(after, each)))
            new = after
        if lines or new != device:
            parcel = self._parcel(device, new)
            new = replace(new, record=next(iter(parcel), new.record))
            self.keep(new, lines, parcel)
            self._settle(device, new)
        return new

    def learn(self, device: Device, learned: Device, *, durable: bool = False) -> Device:
        """What a device has told of itself and what changes nothing; its keys are kept for good."""
        if learned == device:
            return device
        keys = (device.mac, device.strength) != (learned.mac, learned.strength)
        self.keep(learned, [], durable=durable or keys)
        return learned

    def forget(self, device: Device, who: str, detail: str) -> None:
        """A row that turned out to be another one."""
        line = Line(who, "forgotten", device.id, {"detail": detail})
        self.write(Change(lines=[line], gone=[device.id]))
        self.parts.slots.free(device.id)
        if device.code:
            self.parts.progress.revoke(device.code)

    def _code(self, device: Device) -> str:
        """A ticket's: nobody guesses it, and it is never given again."""
        return f"{self.parts.random(16).hex()}-{device.attempt}"

    def keep(
        self,
        device: Device,
        lines: Sequence[Line],
        parcel: Mapping[str, str] | None = None,
        *,
        durable: bool = True,
    ) -> None:
        """A device as it is now, and why: on the disk first. Strangers are in memory only."""
        if device.kept and durable:
            self.write(Change((device,), lines, parcel or {}))
        self.roll.put(device, self.parts.monotonic())

    def write(self, change: Change) -> None:
        """Keep a change in the ledger. Raises `Moved` where it was decided on old knowledge."""
        if self.row is None and change.devices:
            begun = Line(BENCH, "job begun", more={"job": self.job.id})
            self.row = self.parts.ledger.put_job(self.job.id, jobs.document(self.job), begun)
            self._seen = self.parts.ledger.head()[0]
        self._seen = self.parts.ledger.write(self.number, change, self._seen)

    def _parcel(self, old: Device, new: Device) -> Mapping[str, str]:
        """What the office is told of a device that is done."""
        if new.state is not State.PROVISIONED or old.state is State.PROVISIONED:
            return {}
        parts, image = self.parts, self.artifact(new)
        return parcels.made(new, self.job, image, parts.now(), parts.site, secrets=parts.secrets)

    def _settle(self, old: Device, new: Device) -> None:
        """Its place is free as soon as it downloads no more, and no longer waits to."""
        if new.state not in {State.FLASHING, State.QUEUED}:
            self.parts.slots.free(new.id)
        ended = old.state is not new.state and new.state in {State.REJECTED, State.FAILED}
        if old.code and (new.code != old.code or ended):
            self.parts.progress.revoke(old.code)
        if old.state is not new.state and new.state is State.FLASHING:
            self.roll.told(new.id)

    # --- what a decision needs ---------------------------------------------------------------

    def artifact(self, device: Device) -> Artifact | None:
        """What it is to install: what its attempt began with, or what its product gets now."""
        if device.artifact and device.state in _PINNED:
            return self.parts.shelf.find(device.artifact)
        product = self.product(device)
        wanted = self.job.firmware.get(product)
        if wanted is None:
            return self.parts.shelf.newest(product) if product else None
        fits = [
            each
            for each in self.parts.shelf.all()
            if each.sha256 == wanted.get("sha256")
            or (each.product == product and each.version == wanted.get("version"))
        ]
        return fits[-1] if fits else None

    def product(self, device: Device) -> str:
        """What it is: as its row says, or else the job, or else the device itself."""
        return device.cells.get("product") or self.job.product or device.product_said

    def case(self, device: Device) -> Case:
        """What a decision about a device is made from."""
        acknowledged, size, _ = self.parts.progress.of(device.code) if device.code else (0, 0, 0)
        place = self.roll.place(device.id)
        return Case(
            artifact=self.artifact(device),
            document=bool(self.job.papers_for(self.product(device))),
            complete=bool(size) and acknowledged >= size,
            claimed=self.job.is_claimed(device.strength),
            product=device.cells.get("product") or self.job.product,
            still=self.parts.monotonic() - place.advanced if place else 0.0,
        )

    # --- what is done by and by ----------------------------------------------------------------

    def look(self) -> None:
        """Take note of bytes that have arrived, and of silence.

        A device keeps its slot for as long as its ticket holds: one that has fallen silent fails
        after a while, and only then somebody else comes in.
        """
        now = self.parts.monotonic()
        self.advance(now)
        for place in self.roll.in_state(*_WATCHED):
            device = place.device
            case = self.case(device) if device.state is State.FLASHING else Case()
            move = deciding.overdue(
                device,
                self.roll.silence(place, now),
                self.parts.patience,
                Bytes(place.acknowledged, place.size, begun=place.begun),
            )
            if case.complete:
                move = Move(Cause.DELIVERED)
            if move:
                holder = self.parts.holder(place.address) if place.address else None
                move = deciding.off_the_air(device, move, place.address, holder)
                self.move(device, [move], BENCH)
                if move.cause is Cause.LAPSED:
                    self.roll.lapsed(device.id, now)

    def advance(self, now: float) -> None:
        """How many bytes are with each that downloads: in memory only."""
        for place in self.roll.in_state(State.FLASHING):
            acknowledged, size, _ = self.parts.progress.of(place.device.code)
            if size:
                self.roll.began(place.device.id)
            if size and acknowledged != place.acknowledged:
                self.roll.progressed(place.device.id, acknowledged, size, now)

    def hand_over(self) -> int:
        """Put what is finished into the outbox: how much it was. Once more after a crash between
        the two, under the same id, which the outbox takes once.
        """
        waiting = self.parts.ledger.parcels()
        for id_, body in waiting:
            self.parts.hand(id_, body)
            self.parts.ledger.handed(id_)
        if waiting and self.parts.monotonic() - self._told > _AUDIT:
            self._told = self.parts.monotonic()
            head = self.parts.ledger.head()
            told = parcels.audit(self.job, *head, self.parts.now(), self.parts.site)
            for id_, body in told.items():
                self.parts.hand(id_, body)
        return len(waiting)


# While these last, another file for the product is none for this device.
_PINNED: Final = frozenset(
    {State.FLASHING, State.REBOOTING, State.VERIFYING, State.CONFIGURING, State.FAILED,
     State.PROVISIONED, State.LABELLED, State.RELEASED}
)  # fmt: skip


# What time does something to.
_WATCHED: Final = frozenset(State) - OVER - {State.EXPECTED, State.FAILED, State.GONE}


def _more(device: Device, move: Move) -> dict[str, Any]:
    """What the audit has of a move."""
    return {
        "state": device.state.value,
        "attempt": device.attempt,
        **({"reason": move.reason.value} if move.reason else {}),
        **({"detail": move.detail or str(move.evidence)} if move.detail or move.evidence else {}),
    }
