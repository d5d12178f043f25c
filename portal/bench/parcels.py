"""What the office is told: a record for each device that is done, and for the audit.

Pure: values in, the record's JSON out. Its id is made of the attempt's own key, job/id/attempt,
and of the moment; the ledger keeps it with the device's end in one transaction, so that what is
handed over again after a crash is the same record, which an outbox takes once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from hotspot.settings import Secret
from portal.bench.devices.device import Device
from portal.bench.manifest.columns import ATTRIBUTE, RESERVED, is_secret
from portal.bench.manifest.job import Job
from portal.bench.port import Artifact
from portal.provisioning.about import About
from portal.provisioning.record import MOST_BYTES, Record, to_json, uuid7

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_FIELDS: Final = 64
# How fields begin that the bench itself, or the device, has filled.
_OURS: Final = ("bench.", "said.")


def key(job: str, device: str, attempt: int) -> str:
    """What names an attempt for ever."""
    return f"{job}/{device}/{attempt}"


def made(
    device: Device,
    job: Job,
    artifact: Artifact | None,
    now: datetime,
    site: str,
    *,
    secrets: bool = False,
) -> dict[str, str]:
    """The record of a device that is done, by its id; with its `secrets` only where they are
    sealed before they are written.
    """
    about = About("device", job.id, device.id, device.attempt)
    fields = {**_seen(device, artifact), **({"site": site} if site else {})}
    fields |= _cells(device, secrets=secrets)
    fields |= {f"said.{name}": value for name, value in device.attributes.items()}
    return _record(about, key(job.id, device.id, device.attempt), fields, now)


def _seen(device: Device, artifact: Artifact | None) -> dict[str, str]:
    """What the bench itself knows of it."""
    found = {
        "bench.name": device.name,
        "bench.evidence": device.evidence,
        "bench.protocol": device.protocol,
        "bench.mac": device.mac,
        "bench.version": artifact.version if artifact else device.version,
        "bench.sha256": artifact.sha256 if artifact else "",
        "bench.signer": artifact.signer if artifact else "",
        "bench.override": artifact.override if artifact else "",
        "bench.technician": device.technician,
        "bench.done_at": device.done_at,
    }
    return {name: value for name, value in found.items() if value}


def _cells(device: Device, *, secrets: bool) -> dict[str, str]:
    """What its row says, and is for the office: its identity, and what is called `attr.`."""
    told = {
        name: Secret(value) if is_secret(name) else value
        for name, value in device.cells.items()
        if value and (name in RESERVED or name.startswith(ATTRIBUTE) or is_secret(name))
    }
    return {
        _told_as(name): value
        for name, value in told.items()
        if secrets or not isinstance(value, Secret)
    }


def _told_as(name: str) -> str:
    """A column's name in the record: no row says what only the bench can have seen."""
    short = name.removeprefix(ATTRIBUTE)
    is_ours = short.startswith(_OURS) or short in {*RESERVED, "site"}
    return name if is_ours else short


def audit(job: Job, number: int, head: str, now: datetime, site: str) -> dict[str, str]:
    """The record of the audit as it stands: whoever shortens it afterwards is found out."""
    fields = {"bench.lines": str(number), "bench.head": head, **({"site": site} if site else {})}
    return _record(About("audit", job.id), f"{job.id}/audit/{number}/{head}", fields, now)


def _record(about: About, name: str, fields: Mapping[str, str], now: datetime) -> dict[str, str]:
    created = now.astimezone(UTC)
    octets = hashlib.sha256(name.encode()).digest()
    milliseconds = int((created - _EPOCH).total_seconds() * 1000)
    id_ = uuid7(milliseconds, int.from_bytes(octets[:2], "big") & 0xFFF, octets[2:10])
    some = dict(list(fields.items())[:_MOST_FIELDS])
    record = Record(id_, created, b"", Secret(""), some, about=about)
    while len(to_json(record)) > MOST_BYTES:  # a device may say much of itself: the last goes first
        some.popitem()
        record = Record(id_, created, b"", Secret(""), some, about=about)
    return {id_: to_json(record).decode("ascii")}
