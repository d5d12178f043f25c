"""What a manifest would change in a job, and the devices as they are then.

Law: a preview and the import are the same plan. An import touches the columns that are there and
no other; nothing that a device has learned is lost by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.bench.desk import Flaw, Preview
from portal.bench.devices.device import Device
from portal.bench.devices.transitions import OVER
from portal.bench.manifest import columns
from portal.bench.manifest.reading import MASK, Line, Table, is_masked

# So many are shown.
MOST_FLAWS = 20
_KEYS = ("token", "claim", "serial", "mac")
_TOKEN_BYTES = 16
# Easily read to somebody over the noise of a hall.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Plan:
    """Devices that are new or changed, as they are to be, and what is to be told."""

    new: tuple[Device, ...] = ()
    changed: tuple[Device, ...] = ()
    unchanged: int = 0
    invalid: int = 0
    flaws: tuple[Flaw, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def preview(self) -> Preview:
        """The same for people."""
        return Preview(
            len(self.new), len(self.changed), self.unchanged, self.invalid,
            self.flaws[:MOST_FLAWS], self.notes,
        )  # fmt: skip


def plan(
    table: Table,
    known: Mapping[str, Device],
    random: Callable[[int], bytes],
    check: Callable[[Device], str],
) -> Plan:
    """What the table would change; `check` says what is wrong with a device's documents, or "".

    `random(n)` gives n bytes, for what is `auto`.
    """
    flaws, invalid = list(table.flaws), table.invalid
    new, changed, unchanged = [], [], 0
    taken = _taken(known)
    for line in table.lines:
        device = _device(line, known, random)
        wrong = _clashes(line, device, taken) or _faults(line, device, check(device))
        if wrong:
            flaws += wrong
            invalid += 1
            continue
        _take(device, taken, line.number)
        old = known.get(device.id)
        if old is None:
            new.append(device)
        elif _said(old) == _said(device):
            unchanged += 1
        else:
            changed.append(device)
    done = [each.id for each in changed if each.state in OVER]
    notes = table.notes + _about_done(done)
    return Plan(tuple(new), tuple(changed), unchanged, invalid, tuple(flaws), notes)


def _said(device: Device) -> dict[str, str]:
    """Its cells; an empty one says nothing."""
    return {name: text for name, text in device.cells.items() if text}


def _about_done(done: Sequence[str]) -> tuple[str, ...]:
    if not done:
        return ()
    some = ", ".join(done[:5]) + (" …" if len(done) > 5 else "")  # noqa: PLR2004 - as shown
    words = f"Changed after they were done: {some}. What these were given stays as it is"
    return (f"{words}; to have them done anew, retry them.",)


def _device(line: Line, known: Mapping[str, Device], random: Callable[[int], bytes]) -> Device:
    """The device of a row: a new one, or one that is there with what the row says."""
    cells = line.cells
    id_ = cells.get("id") or cells.get("serial") or next(iter(cells.get("mac", "").split()), "")
    old = known.get(id_)
    was = dict(old.cells) if old else {}
    said = {
        name: _value(name, text, was.get(name, ""), random)
        for name, text in cells.items()
        if not is_masked(name, text)
    }
    return replace(old, cells={**was, **said}) if old else Device(id_, said)


def _value(name: str, text: str, was: str, random: Callable[[int], bytes]) -> str:
    if text != columns.AUTO or name not in columns.MAKEABLE:
        return text
    if was:
        return was  # made once
    if name == "token":
        return random(_TOKEN_BYTES).hex()
    return "".join(_LETTERS[octet % len(_LETTERS)] for octet in random(20))


def _taken(known: Mapping[str, Device]) -> dict[tuple[str, str], tuple[str, int]]:
    """Who has each key: id, and the line it was read from (0: it was here before)."""
    taken: dict[tuple[str, str], tuple[str, int]] = {}
    for device in known.values():
        _take(device, taken, 0)
    return taken


def _take(device: Device, taken: dict[tuple[str, str], tuple[str, int]], number: int) -> None:
    taken["id", device.id] = (device.id, number)
    for key in _keys(device):
        taken[key] = (device.id, number)


def _keys(device: Device) -> list[tuple[str, str]]:
    values = ((name, device.cells.get(name, "")) for name in _KEYS)
    return [
        (name, each)
        for name, value in values
        for each in (value.split() if name == "mac" else [value])
        if each
    ]


def _clashes(
    line: Line, device: Device, taken: Mapping[tuple[str, str], tuple[str, int]]
) -> list[Flaw]:
    """A row that says it is one that another row is."""
    if not device.id:
        return [Flaw(line.number, "id", "", "it has neither id nor serial nor mac")]
    there = taken.get(("id", device.id))
    if there and there[1]:
        return [Flaw(line.number, "id", device.id, f"line {there[1]} has the same id")]
    for name, value in _keys(device):
        owner, number = taken.get((name, value), (device.id, 0))
        if owner != device.id:
            where = f"line {number}" if number else f"device {owner}"
            shown = MASK if columns.is_secret(name) else value
            return [Flaw(line.number, name, shown, f"{where} has the same {name}")]
    return []


def _faults(line: Line, device: Device, fault: str) -> list[Flaw]:
    return [Flaw(line.number, "documents", device.id, fault)] if fault else []
