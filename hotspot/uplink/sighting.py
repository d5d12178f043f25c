"""Where a wanted network is on the air, and whether it is one that we can join: pure.

A name alone proves nothing. Somebody who gave a password for a network is never led to an open
one of the same name, whoever put it there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot.air import elements
from hotspot.air.events import pairs
from hotspot.uplink.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotspot.air.elements import Protection
    from hotspot.uplink.wanted import Wanted

# Capability bit 4, "privacy" (IEEE 802.11-2020 9.4.1.4).
_PRIVACY: Final = 0x0010

_PERSONAL: Final = frozenset({"wpa2", "wpa3", "wpa2-wpa3"})
_WITHOUT: Final = frozenset({"open", "owe"})
# The channels of most access points, before the others.
_COMMON: Final = (2412, 2437, 2462)


@dataclass(frozen=True, slots=True)
class Seen:
    """One access point of the wanted name: MHz, dBm, and how it wants to be proven to."""

    bssid: str
    frequency: int
    signal: int
    security: Protection


@dataclass(frozen=True, slots=True)
class Able:
    """What supplicant and driver can do: key managements, and protected management frames."""

    management: frozenset[str] = frozenset()
    protects: bool = False

    @property
    def sae(self) -> bool:
        """WPA3 with a password."""
        return "SAE" in self.management and self.protects

    @property
    def owe(self) -> bool:
        """Encryption without a password."""
        return "OWE" in self.management and self.protects


def able(management: str, group: str) -> Able:
    """From wpa_supplicant's replies to GET_CAPABILITY key_mgmt and group_mgmt."""
    return Able(frozenset(management.split()), "AES-128-CMAC" in group.split())


def frequencies(reply: str) -> list[int]:
    """The channels that may be used, in MHz: wpa_supplicant's reply to GET_CAPABILITY freq.

    ` 1 = 2412 MHz`, one a line, below a line for each mode.
    """
    return [int(number) for number in re.findall(r"^ *\d+ = (\d{4}) MHz", reply, re.MULTILINE)]


def order(allowed: Sequence[int], known: Iterable[int]) -> tuple[list[int], list[int]]:
    """Where to look first, all of it, and then one by one: the common channels, all others."""
    likely = [one for one in dict.fromkeys(known) if one in allowed]
    others = dict.fromkeys([*_COMMON, *sorted(allowed)])
    return likely, [one for one in others if one in allowed and one not in likely]


def seen(reply: str, wanted: Wanted) -> tuple[str, Seen | None]:
    """One BSS reply of wpa_supplicant: its number ("" at the end), and what it tells of.

    None for another network's, and for what makes no sense: it was written by strangers.
    """
    found = pairs(reply)
    number = found.get("id", "")
    if not number.isdecimal():
        return "", None
    try:
        octets = bytes.fromhex(found.get("ie", ""))
        frequency, signal = int(found["freq"]), int(found["level"])
        capabilities = int(found["capabilities"], 16)
    except (KeyError, ValueError):
        return number, None
    if elements.ssid(octets) != wanted.ssid:
        return number, None
    security = elements.protection(octets, privacy=bool(capabilities & _PRIVACY))
    return number, Seen(found.get("bssid", ""), frequency, signal, security)


def hopeless(wanted: Wanted) -> Outcome | None:
    """What is known of it before anybody looks; `None` if it may come out well."""
    if wanted.security == "wep":
        return Outcome.NOT_SUPPORTED
    missing = wanted.security == "enterprise" and wanted.identity is None
    return Outcome.NEEDS_USERNAME if missing else None


def fitting(all_seen: Iterable[Seen], wanted: Wanted, able: Able) -> list[Seen] | Outcome:
    """Those of the access points that can be joined with what was given, or why none can.

    None at all is `NOT_FOUND`, and so is a name whose protection is another than was promised.
    """
    reasons = {one: _reason(one.security, wanted, able) for one in all_seen}
    fits = [one for one, reason in reasons.items() if reason is None]
    if fits:
        return fits
    # The most useful word first.
    for outcome in (Outcome.NEEDS_USERNAME, Outcome.WRONG_PASSWORD, Outcome.NOT_SUPPORTED):
        if outcome in reasons.values():
            return outcome
    return Outcome.NOT_FOUND


def _reason(security: Protection, wanted: Wanted, able: Able) -> Outcome | None:
    """Why this kind of access point cannot be joined; `None` if it can."""
    if security in _WITHOUT:
        return _reason_open(security, wanted, able)
    if security == "wep":
        return Outcome.NOT_SUPPORTED
    if security == "enterprise":
        return None if wanted.identity is not None else Outcome.NEEDS_USERNAME
    return _reason_personal(security, wanted, able)


def _reason_personal(security: Protection, wanted: Wanted, able: Able) -> Outcome | None:
    # Weaker than what the person saw: a password tried there could be guessed afterwards.
    weaker = security == "wpa2" and wanted.security == "wpa3"
    if weaker or wanted.identity is not None:
        return Outcome.NOT_FOUND
    if "wpa3" in {security, wanted.security} and not able.sae:
        return Outcome.NOT_SUPPORTED
    # Without a password it cannot be the right one.
    return None if wanted.passphrase is not None else Outcome.WRONG_PASSWORD


def _reason_open(security: Protection, wanted: Wanted, able: Able) -> Outcome | None:
    promised = wanted.passphrase is not None or wanted.identity is not None
    if promised or wanted.security in _PERSONAL | {"enterprise"}:
        return Outcome.NOT_FOUND
    return Outcome.NOT_SUPPORTED if security == "owe" and not able.owe else None


def strongest(found: Iterable[Seen], frequency: int) -> Seen | None:
    """The best of them on one channel."""
    there = [one for one in found if one.frequency == frequency]
    return max(there, key=lambda one: one.signal, default=None)
