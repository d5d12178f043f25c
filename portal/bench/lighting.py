"""The lights that are looked at before the first device: what could go wrong later is told now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from portal.bench.artifacts.quota import amount
from portal.bench.desk import Level, Light
from portal.bench.port import Artifact

# Before that nobody can have a clock that is set: this program is younger.
_BORN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TIGHT: Final = 64_000_000
_SHOWN: Final = 3


def lights(  # noqa: PLR0913 - one a light
    *,
    room: int,
    slots: int,
    files: Sequence[Artifact],
    signers: int,
    clock: datetime,
    lacking: Sequence[str],
    devices: int,
) -> tuple[Light, ...]:
    """How each stands. `room` is bytes for more files; `lacking` are devices without firmware."""
    return (
        Light("Slots", Level.GOOD, f"{slots} devices download at a time"),
        _room(room),
        _signed(files, signers),
        _clock(clock),
        _manifest(devices, lacking),
    )


def _room(room: int) -> Light:
    words = f"Room for {amount(room)} more"
    if room > _TIGHT:
        return Light("Disk", Level.GOOD, words)
    return Light("Disk", Level.WARN, words, "Remove files that no job needs any more.")


def _signed(files: Sequence[Artifact], signers: int) -> Light:
    unsigned = [each.name for each in files if not each.signer]
    if unsigned:
        words = f"{len(unsigned)} unsigned: {_some(unsigned)}"
        return Light("Signatures", Level.WARN, words, "Each was let in by a lead, as recorded.")
    if not files:
        return Light("Signatures", Level.WARN, "No file yet", "Put firmware on the shelf.")
    return Light("Signatures", Level.GOOD, f"All signed, by one of {signers} signers")


def _clock(now: datetime) -> Light:
    if now >= _BORN:
        return Light("Clock", Level.GOOD, f"{now:%Y-%m-%d %H:%M} UTC")
    words = f"It says {now:%Y-%m-%d}"
    return Light("Clock", Level.WARN, words, "Times in the report will be wrong: set the clock.")


def _manifest(devices: int, lacking: Sequence[str]) -> Light:
    if not devices:
        words = "No devices yet: first come, first named"
        return Light("Manifest", Level.WARN, words, "Import a manifest, or begin as it is.")
    if lacking:
        words = f"Nothing to install for {len(lacking)}: {_some(lacking)}"
        remedy = "Upload their product's firmware, or correct the product."
        return Light("Manifest", Level.BAD, words, remedy)
    return Light("Manifest", Level.GOOD, f"{devices} devices, each with what it is to get")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
