"""Findings about Vestibule itself: its settings, certificate, units, run and records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from hotspot.config.values import Security
from hotspot.doctor.finding import Finding, PutBack, fine, note, problem, warning

if TYPE_CHECKING:
    from hotspot.doctor.facts import Facts, Unit

_CRASHING: Final = 3


def findings(facts: Facts) -> Iterator[Finding]:
    """Settings first: much of the rest follows from them."""
    yield from _settings(facts)
    yield from _certificate(facts)
    yield from _life(facts)
    yield from _records(facts)


def _settings(facts: Facts) -> Iterator[Finding]:
    for line in facts.problems:
        yield problem("settings", line, f"mend it, then: vestibule config check {facts.file}")
    if facts.settings is None:
        return
    yield fine("settings", f"{facts.file} can be used")
    if facts.settings.radio.security is Security.OPEN:
        remedy = 'set radio.security to "wpa2": the label and its QR code carry the key'
        what = "the access point is open: everybody nearby reads what is typed"
        yield warning("settings", what, remedy)


def _certificate(facts: Facts) -> Iterator[Finding]:
    found = facts.certificate
    if found is None:
        return
    if found.refused:
        yield problem("certificate", found.refused, found.remedy)
    for line in found.notes:
        words, _, remedy = line.partition(": ")
        yield warning("certificate", words, remedy or "renew it")
    if not found.refused and not found.notes:
        yield fine("certificate", "phones will take it")


def _life(facts: Facts) -> Iterator[Finding]:
    loaded = [unit for unit in facts.units if unit.load == "loaded"]
    for unit in loaded:
        yield from _unit(unit)
    if loaded and not any(unit.active == "failed" for unit in loaded):
        active = sum(unit.active in {"active", "activating"} for unit in loaded)
        yield fine("units", f"{active} of {len(loaded)} units are active, none has failed")
    if facts.run is not None:
        yield fine("run", f"`vestibule run` is running (pid {facts.run})")
    elif facts.left and not facts.running:
        what = "a run was cut short and has left this machine changed"
        yield warning("run", what, "the next start puts it right", PutBack(facts.runtime.path))
    elif not facts.running:
        yield note("run", "Vestibule is not running")


def _unit(unit: Unit) -> Iterator[Finding]:
    look = f"journalctl -b -u {unit.name}"
    if unit.active == "failed":
        yield problem("units", f"{unit.name} has failed ({unit.result})", look)
    elif unit.restarts >= _CRASHING:
        yield warning("units", f"{unit.name} was started anew {unit.restarts} times", look)


def _records(facts: Facts) -> Iterator[Finding]:
    found = facts.records
    if found is None:
        return
    for incident in found.get("incidents", ()):
        remedy = "look at it, then remove the file that was set aside: it may hold passwords"
        yield warning("records", str(incident), remedy)
    states = found.get("states", {})
    lost = [f"{states[name]:,} {name}" for name in ("rejected", "dead") if states.get(name)]
    if lost:
        what = f"{' and '.join(lost)}: their backend will never take them"
        yield warning("records", what, "see why: vestibule records list")
    waiting = sum(states.get(name, 0) for name in ("accepted", "delivering", "waiting"))
    if waiting:
        yield note("records", f"{waiting:,} wait for delivery")
    elif not lost:
        yield fine("records", f"{sum(states.values()):,} kept, none waits for delivery")
