"""The bench as the portal has it: all its parts, put together; only where `[bench]` enables it."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint

from portal.bench import signals
from portal.bench.artifacts import serving
from portal.bench.building import Place, built, people
from portal.bench.dismissal import Dismissal, by_radio, leased
from portal.bench.protocols import routing, speaking
from portal.bench.protocols.hatch import Hatch
from portal.bench.signals import Signals
from portal.bench.wall import blueprint
from portal.bench.wall.entry import Entry
from portal.bench.wall.office import Office
from portal.bench.wall.printer import Printer
from portal.bench.wall.sessions import Sessions
from portal.joining.radio import SOCKET, Radio
from portal.provisioning.keeping.store import Full, Unwritable
from portal.provisioning.life import State
from portal.provisioning.outbox import DurableOutbox
from portal.release.released import LEASES, LeaseFile, Released

if TYPE_CHECKING:
    from portal.server import Plan


class BenchSite:
    """What the portal serves of it. `is_device` tells a device's request from a captive check;
    `holder(address)` is the MAC under whose lease an address is held.
    """

    is_device = staticmethod(routing.is_device)

    def __init__(self, place: Place, holder: Callable[[str], str]) -> None:
        self._place = place
        self._holder = holder
        self.bench = built(place)
        self._dismissal = Dismissal(
            self.bench,
            by_radio(Radio(place.runtime / SOCKET)),
            leased(place.runtime),
            time.monotonic,
            place.log,
        )
        radio = signals.by_radio(Radio(place.runtime / SOCKET))
        self._signals = Signals(radio, self.bench.heard_at, time.monotonic)
        self.blueprints: tuple[Blueprint, ...] = tuple(self._blueprints())

    @classmethod
    def of(
        cls, plan: Plan, outbox: DurableOutbox, released: Released, log: Callable[[str], None]
    ) -> BenchSite:
        """The bench of a portal: secrets leave it only where every delivery seals them."""
        sealed = set(plan.deliveries) <= plan.seal_to.keys()
        place = Place(
            plan.state, plan.runtime, plan.bench, outbox.hand, log,
            secrets=sealed, delivered=functools.partial(_delivered, outbox),
            holder=functools.partial(_holder, LeaseFile(plan.runtime / LEASES)),
        )  # fmt: skip
        return cls(place, released.holder)

    def _blueprints(self) -> list[Blueprint]:
        shelf, progress = self.bench.parts.shelf, self.bench.parts.progress
        hatch = Hatch(
            self.bench,
            self._holder,
            lambda ticket: serving.answer(ticket, shelf, progress),
            shelf.all,
            self._place.settings.token or "",
        )
        files = serving.blueprint(self.bench, shelf, progress)
        return [*speaking.blueprints(hatch, files), blueprint.blueprint(self._office())]

    def _office(self) -> Office:
        """What the pages work with."""
        folder = self._place.folder
        known, sessions = people(self._place), Sessions(os.urandom)
        entry = Entry(known, sessions, folder / "tries.json", time.time, time.monotonic)
        printer = Printer(folder / "printer")
        watched = self._signals.watched
        return Office(self.bench, known, sessions, entry, time.monotonic, printer, watched)

    def chores(self) -> None:
        """What is due, once a second; for a thread. A full disk is told by the page, and by 503."""
        try:
            self.bench.chores()
            self._dismissal.look()
            self._signals.look()
        except (Full, Unwritable) as error:
            self._place.log(str(error))

    def rest(self) -> None:
        """Let go of the database until it is needed again."""
        self.bench.parts.ledger.close()


def _delivered(outbox: DurableOutbox, record: str) -> bool:
    """Whether everybody has it. One that is not there any more was removed on purpose, after its
    end: nobody waits for it.
    """
    life = outbox.state(record)
    return life is None or life.state is State.DELIVERED


def _holder(leases: LeaseFile, address: str) -> str | None:
    """Who has the lease of an address. An empty file says nothing: dnsmasq empties it before it
    writes it anew, and in the demo there is none.
    """
    known = leases()
    if not known:
        return None
    lease = known.get(address)
    return lease.mac if lease else ""
