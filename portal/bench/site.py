"""The bench as the portal has it: all its parts, put together; only where `[bench]` enables it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from flask import Blueprint

from hotspot.settings import Bench as Settings
from portal.bench.artifacts import serving
from portal.bench.artifacts.progress import Progress
from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.slots import Slots
from portal.bench.artifacts.uploads import Uploads
from portal.bench.devices.deciding import Patience
from portal.bench.floor import Parts
from portal.bench.ledger.ledger import Ledger
from portal.bench.protocols import routing, speaking
from portal.bench.protocols.hatch import Hatch
from portal.bench.reception import Reception, Rights
from portal.bench.wall import blueprint
from portal.bench.wall.entry import Entry
from portal.bench.wall.office import Office
from portal.bench.wall.people import People
from portal.bench.wall.printer import Printer
from portal.bench.wall.sessions import Sessions
from portal.provisioning.record import Record, from_json
from portal.provisioning.store import Unwritable

FOLDER: Final = "bench"
ARTIFACTS: Final = "artifacts"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bench stands: the `state` directory, the run's, what the settings say, whose
    lease an address is (`holder`), how a record is handed on (`accept`), and who is told.
    """

    state: Path
    runtime: Path
    settings: Settings
    holder: Callable[[str], str]
    accept: Callable[[Record], None]
    log: Callable[[str], None]

    @property
    def folder(self) -> Path:
        """What the bench keeps beside its ledger."""
        return self.state / FOLDER


class BenchSite:
    """What the portal serves of it. `is_device` tells a device's request from a captive check."""

    is_device = staticmethod(routing.is_device)

    def __init__(self, place: Place) -> None:
        self._place = place
        self._progress = Progress(time.monotonic)
        self._shelf = shelf(place)
        settings = place.settings
        rights = Rights(bool(find_spec("nacl")), settings.unsigned == "lead", len(settings.signers))
        self.bench = Reception(self._parts(), Uploads(self._shelf), rights)
        self.blueprints: tuple[Blueprint, ...] = tuple(self._blueprints())

    def _parts(self) -> Parts:
        settings = self._place.settings
        return Parts(
            ledger=ledger(self._place),
            shelf=self._shelf,
            slots=Slots(settings.slots, stall=float(settings.stalled_after)),
            progress=self._progress,
            monotonic=time.monotonic,
            random=os.urandom,
            hand=lambda _, body: self._place.accept(from_json(body.encode())),
            patience=Patience(settings.gone_after, settings.stalled_after, settings.verify_after),
            most=settings.slots,
            site=settings.site,
            log=self._place.log,
        )

    def _blueprints(self) -> list[Blueprint]:
        hatch = Hatch(
            self.bench,
            self._place.holder,
            lambda ticket: serving.answer(ticket, self._shelf, self._progress),
            self._shelf.all,
        )
        files = serving.blueprint(self.bench, self._shelf, self._progress)
        return [*speaking.blueprints(hatch), files, blueprint.blueprint(self._office())]

    def _office(self) -> Office:
        """What the pages work with."""
        folder = self._place.folder
        people, sessions = People(folder / "people.json"), Sessions(os.urandom)
        entry = Entry(people, sessions, folder / "tries.json", time.time, time.monotonic)
        printer = Printer(folder / "printer")
        return Office(self.bench, people, sessions, entry, time.monotonic, printer)

    def chores(self) -> None:
        """What is due, once a second; for a thread. A full disk is told by the page, and by 503."""
        try:
            self.bench.chores()
        except Unwritable as error:
            self._place.log(str(error))

    def rest(self) -> None:
        """Let go of the database until it is needed again."""
        self.bench.parts.ledger.close()


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
