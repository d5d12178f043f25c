"""What people do at the bench, each act with their name in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from portal.bench.arriving import Arriving, own_row
from portal.bench.devices import acting
from portal.bench.devices.deciding import Move
from portal.bench.devices.device import Device
from portal.bench.devices.matching import Strength
from portal.bench.devices.states import State
from portal.bench.devices.transitions import Cause
from portal.bench.floor import Floor
from portal.bench.ledger.ledger import Line
from portal.bench.port import Claims, Refused

_MOST_NOTE: Final = 500


class Persons:
    """Does what `port.Wall.act` names, on a `floor` that has been taken for deciding."""

    def __init__(self, floor: Floor, arriving: Arriving) -> None:
        self.floor = floor
        self._arriving = arriving

    def act(self, id_: str, act: str, who: str, words: Mapping[str, str]) -> None:
        """One act. Raises `Refused`."""
        device = self.there(id_)
        if act == "note":
            text = words.get("text", "").strip()[:_MOST_NOTE]
            self._told(replace(device, note=text), act, who, text)
        elif act == "identify":
            self._arriving.blinks.add(id_)
            self._told(device, act, who)
        elif act == "is":
            self._is(device, self.there(words.get("row", "")), who)
        else:
            move = acting.move(device, act, who, words)
            if not device.kept:
                device = own_row(device, Claims("", mac=device.mac))
            if act == "claim":
                device = replace(device, technician=who, strength=int(Strength.PERSON))
            self.floor.move(device, [move], who)

    def _told(self, device: Device, act: str, who: str, detail: str = "") -> None:
        """Something that changes no state; of a stranger nothing is kept."""
        more = where(device) | ({"detail": detail} if detail else {})
        self.floor.keep(device, [Line(who, act, device.id, more)])

    def _is(self, device: Device, row: Device, who: str) -> None:
        """A person says that this device is that row: whoever was it before is it no more."""
        if device.id == row.id or not row.kept:
            raise Refused("Say which row of the manifest it is.")
        if device.kept and device.cells.get("serial", "") not in {"", row.cells.get("serial", "")}:
            raise Refused("This device has a row of its own: set that aside first.")
        detail = f"it is {device.id}"
        bound = replace(row, mac=device.mac or row.mac, strength=int(Strength.PERSON),
                        technician=who)  # fmt: skip
        cause = _CLAIMING.get(row.state)
        if cause is None:
            self._told(bound, "is", who, detail)
        else:
            self.floor.move(bound, [Move(cause, detail=detail)], who)
        self.floor.roll.drop(device.id)
        if device.kept:
            self.floor.forget(device, who, f"it is {row.id}")

    def there(self, id_: str) -> Device:
        """The device called so. Raises `Refused`."""
        device = self.floor.roll.get(id_)
        if device is None:
            raise Refused("There is no such device on this bench.")
        return device


# By what a row that a person names goes on; where there is none it goes on by itself.
_CLAIMING: Final[Mapping[State, Cause]] = {
    State.EXPECTED: Cause.CLAIMED,
    State.IDENTIFIED: Cause.CLAIMED,
    State.GONE: Cause.CLAIMED,
    State.CONFLICT: Cause.SETTLED,
    State.PROVISIONED: Cause.AGAIN,
    State.LABELLED: Cause.AGAIN,
    State.RELEASED: Cause.AGAIN,
    State.FAILED: Cause.RETRIED,
}


def where(device: Device) -> dict[str, Any]:
    """What the audit has of a device that stays where it is."""
    return {"state": device.state.value, "attempt": device.attempt}
