"""The bench put together from what the settings say: for the portal, and for the commands."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hotspot.settings import Bench as Settings
from portal.bench.artifacts.progress import Progress
from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.slots import Slots
from portal.bench.artifacts.uploads import Uploads
from portal.bench.devices.deciding import Patience
from portal.bench.ledger.ledger import Ledger
from portal.bench.parts import Parts
from portal.bench.reception import Reception, Rights
from portal.bench.wall.people import People

FOLDER: Final = "bench"
ARTIFACTS: Final = "artifacts"
PEOPLE: Final = "people.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bench stands: the `state` directory, the run's, what the settings say, who puts
    a finished device's record (id, JSON) into the outbox, who is told what happens, and whether a
    record has been delivered everywhere. With
    `secrets` the records may have them, since they are sealed before they are written.
    """

    state: Path
    runtime: Path
    settings: Settings
    hand: Callable[[str, str], None]
    log: Callable[[str], None]
    secrets: bool = False
    delivered: Callable[[str], bool] = lambda _: False
    holder: Callable[[str], str | None] = lambda _: None

    @property
    def folder(self) -> Path:
        """What the bench keeps beside its ledger."""
        return self.state / FOLDER


def built(place: Place) -> Reception:
    """The bench with its desk. Raises OSError where there is no shelf to be had."""
    settings = place.settings
    parts = Parts(
        ledger=ledger(place),
        shelf=shelf(place),
        slots=Slots(settings.slots),
        progress=Progress(time.monotonic),
        monotonic=time.monotonic,
        random=os.urandom,
        hand=place.hand,
        patience=Patience(settings.gone_after, settings.stalled_after, settings.verify_after),
        most=settings.slots,
        site=settings.site,
        secrets=place.secrets,
        delivered=place.delivered,
        holder=place.holder,
        log=place.log,
    )
    rights = Rights(bool(find_spec("nacl")), settings.unsigned == "lead", settings.signers)
    return Reception(parts, Uploads(parts.shelf), rights)


def people(place: Place) -> People:
    """Who may work at it."""
    return People(place.folder / PEOPLE)


def ledger(place: Place) -> Ledger:
    """What the bench remembers; secrets are sealed where PyNaCl is there for it."""
    if not find_spec("nacl"):
        return Ledger(place.state, log=place.log)
    # Here, because libsodium costs 1 MiB and 5 ms.
    from portal.bench.ledger import vault  # noqa: PLC0415 - see above

    folder = place.runtime if place.settings.secrets == "memory" else place.state
    return Ledger(place.state, log=place.log, vault=vault.Vault(folder / vault.FILE))


def shelf(place: Place) -> Shelf:
    """The files that are given out."""
    settings = place.settings
    limit = None if settings.quota is None else settings.quota << 20
    return Shelf(place.folder / ARTIFACTS, signers=settings.signers, limit=limit)
