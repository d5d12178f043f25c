"""A device at the door of the bench: which one it is, and what it is told.

Law: who a device is, is decided by `devices.matching`, and what becomes of it by
`devices.deciding`; whoever contradicts what is known waits for a person, and nobody else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from portal.bench.devices import acting, deciding
from portal.bench.devices.deciding import LAST, Move
from portal.bench.devices.device import Device
from portal.bench.devices.matching import Strength, is_another, match, stranger
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.devices.stepping import stepped
from portal.bench.devices.transitions import Cause
from portal.bench.floor import DEVICE, Floor
from portal.bench.manifest.reading import MOST_ROWS
from portal.bench.port import Claims, Sighting, Ticket, Turn, Verb

# Seconds until a device is to ask again, and where nothing is to be done for it for now.
_SLEEP: Final = 5
_LONG_SLEEP: Final = 30
_MOST_MOVES: Final = 6
_MOST_ATTRIBUTES: Final = 32
_MOST_WORD: Final = 256
# A board's public key of RSA with 4096 bits has 740 characters, and is worth nothing when cut.
_MOST_VALUE: Final = 1024
# By hawkBit's interface a device closes its job only where it is told of it once more.
_SENT: Final = frozenset({State.REBOOTING, State.VERIFYING})
_NO_ROW: Final = Turn(Verb.WAIT, reason=Reason.NOT_IN_MANIFEST, sleep=_LONG_SLEEP)


class Arriving:
    """Decides about sightings, over a `floor` that has been taken for deciding. Who is in
    `blinks` is asked once to show itself.
    """

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.parts = floor.parts
        self.blinks: set[str] = set()

    def see(self, sighting: Sighting) -> Turn:
        """What it is told."""
        device, reason = self._who(sighting)
        if device is None:
            return replace(_NO_ROW, reason=reason)
        self.floor.roll.heard(device.id, self.parts.monotonic(), sighting.claims.address)
        return self._turn(self._advance(device, sighting), reason)

    def _advance(self, device: Device, sighting: Sighting) -> Device:
        """All moves that this request leads to, written at once."""
        learned = self._learned(device, sighting)
        now, moves = learned, list[Move]()
        for _ in range(_MOST_MOVES):
            move = deciding.sighted(now, sighting, self.floor.case(now))
            if move is not None and move.cause is Cause.STARTED:
                move = self._slot(now)
            after = stepped(now, move) if move else None
            if move is None or after is None:
                break
            moves.append(move)
            now = after
            if move.cause in LAST:
                break
        if not moves:
            return self.floor.learn(device, learned)
        try:
            pinned = replace(learned, artifact=self._pinned(learned, now))
            return self.floor.move(pinned, moves, DEVICE)
        except BaseException:
            if device.state is not State.FLASHING:
                self.parts.slots.free(device.id)  # nobody was told of it
            raise

    def _pinned(self, device: Device, after: Device) -> str:
        """The file its attempt is about, from when that begins."""
        if after.attempt == device.attempt:
            return device.artifact
        image = self.floor.artifact(replace(after, artifact=""))
        return image.sha256 if image else ""

    def _slot(self, device: Device) -> Move | None:
        """A download may begin, or is to wait; None where it waits already, or was told before to
        begin, and did not.
        """
        now, place = self.parts.monotonic(), self.floor.roll.place(device.id)
        if place is not None and now < place.again:
            return None
        if self.parts.slots.take(device.id, now):
            return Move(Cause.STARTED)
        if device.state is State.QUEUED:
            return None
        return Move(Cause.NO_SLOT, reason=Reason.NO_SLOT)

    def _learned(self, device: Device, sighting: Sighting) -> Device:
        """What a sighting tells of a device, whatever becomes of it."""
        claims = sighting.claims
        strength = match(claims, self.floor.roll.index).strength
        bound = device.kept and claims.mac and strength >= device.strength
        return replace(
            device,
            mac=claims.mac if bound or not device.mac else device.mac,
            strength=max(device.strength, strength if device.kept else Strength.NONE),
            protocol=sighting.protocol or device.protocol,
            product_said=word(sighting.product) or device.product_said,
            version=word(sighting.version) or device.version,
            attributes=more(device.attributes, sighting.attributes),
        )

    def _who(self, sighting: Sighting) -> tuple[Device | None, Reason | None]:
        """The device that asks: a stranger where no row is it, None where there are too many."""
        claims, roll = sighting.claims, self.floor.roll
        found = match(claims, roll.index)
        if found.wrong:
            row = f" for {found.device}" if found.device else ""
            return self._clash(sighting, f"it shows a wrong token{row}", Reason.AUTH_WRONG)
        if found.rows:
            return self._clash(sighting, f"{' and '.join(found.rows)} are both this device")
        place = roll.place(found.device)
        if place is None:
            return self._stranger(sighting)
        silent = self.parts.monotonic() - place.heard
        how = (claims.mac, found.strength, silent)
        if place.device.kept and is_another(place.device, *how):
            if place.device.mac and not claims.mac:
                # Nothing to show: it is the device itself while the leases are being written anew,
                # or somebody with an address of their own choice.
                return None, Reason.DUPLICATE_IDENTITY
            return self._clash(sighting, f"{place.device.id} is another device already")
        self._was_stranger(claims, place.device)
        return place.device, None

    def _was_stranger(self, claims: Claims, device: Device) -> None:
        """Who was a stranger, or stood between two rows, is this device."""
        id_ = stranger(claims)
        there = self.floor.roll.get(id_)
        if there is not None and not there.kept and id_ != device.id:
            self.floor.roll.drop(id_)

    def _stranger(self, sighting: Sighting) -> tuple[Device | None, Reason | None]:
        device = self._newcomer(sighting)
        if device is None:
            return None, Reason.NOT_IN_MANIFEST
        takes = self.floor.job.strangers == "take" and self.floor.roll.kept() < MOST_ROWS
        if takes and device.state is State.SEEN:
            device = own_row(device, sighting.claims)
            return self.floor.move(device, [Move(Cause.CLAIMED)], "first come"), None
        return device, Reason.NOT_IN_MANIFEST

    def _clash(
        self, sighting: Sighting, words: str, reason: Reason = Reason.DUPLICATE_IDENTITY
    ) -> tuple[Device | None, Reason | None]:
        """It waits for a person; nobody else does."""
        device = self._newcomer(sighting)
        if device is not None and (device.state, device.detail) != (State.CONFLICT, words):
            clash = Move(Cause.CLASHED, reason=reason, detail=words)
            device = self.floor.move(device, [clash], DEVICE)
        return device, reason

    def _newcomer(self, sighting: Sighting) -> Device | None:
        """What is in no row, as something to be shown; there is room for some of them."""
        roll, id_ = self.floor.roll, stranger(sighting.claims)
        known = roll.get(id_)
        if known is not None and known.kept:
            id_ = f"{id_} (another)"
            known = roll.get(id_)
        if known is not None:
            return known
        if self.floor.job.strangers == "refuse" or not roll.has_room(bool(sighting.claims.mac)):
            return None
        device = Device(
            word(id_), kept=False, state=State.SEEN, mac=sighting.claims.mac,
            tap=acting.tap(self.parts.random), reason=Reason.NOT_IN_MANIFEST,
        )  # fmt: skip
        self.floor.keep(device, [])
        return device

    def _turn(self, device: Device, reason: Reason | None = None) -> Turn:
        verb = deciding.verb(device.state)
        ticket = self.ticket(device) if verb is Verb.FLASH or device.state in _SENT else None
        if verb is Verb.FLASH and ticket is None:  # the file has gone from the shelf meanwhile
            verb, reason = Verb.WAIT, Reason.NO_ARTIFACT
        unclaimed = device.state in {State.SEEN, State.IDENTIFIED, State.CONFLICT}
        blink = device.id in self.blinks
        self.blinks.discard(device.id)
        return Turn(
            verb,
            device.id,
            sleep=_LONG_SLEEP if verb is Verb.REST or unclaimed else _SLEEP,
            ticket=ticket,
            reason=reason or device.reason or self._lacks(device, verb),
            code=device.tap if unclaimed else "",
            action=self.floor.number << 12 | device.attempt or 1,
            state=device.state,
            detail="identify" if blink else device.detail,
        )

    def _lacks(self, device: Device, verb: Verb) -> Reason | None:
        """Why a device that could begin does not."""
        ready = verb is Verb.WAIT and device.state is State.CLAIMED
        return Reason.NO_ARTIFACT if ready and self.floor.artifact(device) is None else None

    def ticket(self, device: Device) -> Ticket | None:
        """The download it is at."""
        image = self.floor.artifact(device)
        return Ticket(device.code, device.id, device.attempt, image) if image else None


def own_row(device: Device, claims: Claims) -> Device:
    """A stranger with a row of its own: what it was known by."""
    cells = {"id": device.id, "mac": claims.mac or device.mac, "serial": word(claims.serial)}
    return replace(device, kept=True, cells={name: value for name, value in cells.items() if value})


def word(text: str, most: int = _MOST_WORD) -> str:
    """What a device says, fit to be kept and shown."""
    return "".join(filter(str.isprintable, text))[:most].strip()


def more(known: Mapping[str, str], said: Mapping[str, str]) -> Mapping[str, str]:
    """What it has said of itself so far: not without end."""
    both = {**known, **{word(name): word(str(value), _MOST_VALUE) for name, value in said.items()}}
    return dict(list(both.items())[:_MOST_ATTRIBUTES])
