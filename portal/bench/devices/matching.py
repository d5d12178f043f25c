"""Which row a device is, by the strongest proof at hand.

Law: a weaker key never overrides a stronger one that has bound a device before; where two that
prove nothing contradict each other, a person decides, and only that device waits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.devices.transitions import OVER
from portal.bench.port import Claims


class Strength(IntEnum):
    """How much a key proves. From CLAIM on somebody had the device, or its secret, in hand."""

    NONE = 0
    WORD = 1  # a MAC that it says is its own
    MAC = 2  # the one by which it has its address
    ID = 3
    SERIAL = 4
    CLAIM = 5  # the code on its label
    TOKEN = 6  # a secret
    PERSON = 7  # a technician has said so


PROOF: Final = Strength.CLAIM


@dataclass(frozen=True, slots=True)
class Match:
    """The row's id ("" for none) and by what; `rows` are those that contradict each other, and
    `wrong` says that a token was shown that is nobody's.
    """

    device: str = ""
    strength: Strength = Strength.NONE
    rows: tuple[str, ...] = ()
    wrong: bool = False


@dataclass
class Index:
    """The rows by each of their keys, and the devices by the MAC they are bound to."""

    keys: dict[tuple[Strength, str], tuple[str, ...]] = field(default_factory=dict)
    bound: dict[str, tuple[str, Strength]] = field(default_factory=dict)

    def add(self, device: Device) -> None:
        """Take a device in, or take note of how it has changed."""
        for key in keys(device):
            there = self.keys.get(key, ())
            if device.id not in there:
                self.keys[key] = (*there, device.id)
        if device.mac:
            self.bound[device.mac] = (device.id, Strength(device.strength))

    def remove(self, device: Device) -> None:
        """Forget a device."""
        for key in keys(device):
            rest = tuple(each for each in self.keys.get(key, ()) if each != device.id)
            self.keys.pop(key, None)
            if rest:
                self.keys[key] = rest
        if self.bound.get(device.mac, ("",))[0] == device.id:
            del self.bound[device.mac]


def keys(device: Device) -> Iterator[tuple[Strength, str]]:
    """What a row says that a device may say too. A stranger has none: it is known by its MAC."""
    cells = device.cells
    found = (
        (Strength.TOKEN, cells.get("token", "")),
        (Strength.CLAIM, folded(cells.get("claim", ""))),
        (Strength.SERIAL, cells.get("serial", "")),
        (Strength.ID, device.id if device.kept else ""),
        *((Strength.MAC, mac) for mac in device.macs),
    )
    return ((strength, value) for strength, value in found if value)


def folded(code: str) -> str:
    """A claim code as it counts: people mistake case and leave out dashes."""
    return re.sub(r"[^0-9A-Za-z]", "", code).upper()


def match(claims: Claims, index: Index) -> Match:
    """The row that these claims lead to."""
    said = _said(claims, index.keys)
    if claims.token and not any(strength is Strength.TOKEN for strength, _ in said):
        return Match(said[0][1][0] if said else "", wrong=True)
    was, how = index.bound.get(claims.mac, ("", Strength.NONE))
    if not said:
        return Match(was, how)
    strength, rows = said[0]
    if was and was not in rows and how > strength:
        return Match(was, how)
    if len(rows) > 1:
        return _one_of(rows, was, how, strength)
    others = () if strength >= PROOF else _others(said[1:], rows[0])
    if others:
        return Match(rows=(rows[0], *others))
    return Match(rows[0], strength)


def _one_of(rows: tuple[str, ...], was: str, how: Strength, strength: Strength) -> Match:
    """Several rows have the same key: it is the one it was bound to by something stronger."""
    return Match(was, how) if was in rows and how > strength else Match(rows=rows)


def _others(said: Iterable[tuple[Strength, tuple[str, ...]]], row: str) -> tuple[str, ...]:
    """Rows that a weaker key names instead; the device's word for its own MAC is not asked."""
    found = [
        each
        for strength, rows in said
        if strength > Strength.WORD and row not in rows
        for each in rows
    ]
    return tuple(dict.fromkeys(found))


def _said(
    claims: Claims, known: Mapping[tuple[Strength, str], tuple[str, ...]]
) -> list[tuple[Strength, tuple[str, ...]]]:
    """The rows that each claim names, the strongest claim first."""
    asked = (
        (Strength.TOKEN, Strength.TOKEN, claims.token),
        (Strength.CLAIM, Strength.CLAIM, folded(claims.claim)),
        (Strength.SERIAL, Strength.SERIAL, claims.serial),
        (Strength.ID, Strength.ID, claims.id),
        (Strength.MAC, Strength.MAC, claims.mac),
        # Only where nothing is known of it by its lease, and it counts least.
        (Strength.WORD, Strength.MAC, "" if claims.mac else claims.mac_claimed),
    )
    rows = ((strength, known.get((kind, value), ())) for strength, kind, value in asked if value)
    return [(strength, found) for strength, found in rows if found]


def stranger(claims: Claims) -> str:
    """What a device is called that is in no row."""
    return claims.mac or claims.serial or claims.id or claims.mac_claimed or claims.address


# Seconds. Who was heard of so lately is still there: a second one is another device.
LATELY: Final = 30.0
# It was to vanish from the air and come back, perhaps under another MAC.
_COMING: Final = frozenset({State.REBOOTING, State.VERIFYING, State.EXPECTED, State.GONE})


def is_another(device: Device, mac: str, strength: int, silent: float) -> bool:
    """Whether who comes by `mac`, matched by `strength`, is another device than the one this row
    is bound to, which has been `silent` for so many seconds.
    """
    if mac == device.mac or mac in device.macs:
        return False
    if device.strength >= PROOF > strength:
        return True  # it was proven once, and this one proves nothing
    if not device.mac or (not mac and strength >= PROOF):
        return False
    # Without a lease, as behind an address that it has chosen itself, nobody replaces who is here.
    if mac and device.state in OVER:
        return True
    if strength >= PROOF > device.strength:
        return False  # whoever was taken for it so far was not proven
    return device.state not in _COMING and silent < LATELY
