"""The portal as one process: gunicorn's settings, the site, and the worker that serves it."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask

from hotspot.settings import Bench, Brand, Field
from portal.app import create_app
from portal.door.detect import FrontDoor
from portal.door.ready import Ready
from portal.door.streams import News
from portal.form.scans import LatestScan
from portal.joining import progress
from portal.joining.driver import Joining
from portal.joining.lapse import Lapse
from portal.joining.radio import SOCKET, Radio
from portal.joining.rescan import Rescan
from portal.joining.trial import Ears, World
from portal.page.face import Face
from portal.provisioning.keeping.store import Limits, Store, Unwritable
from portal.provisioning.life import Life
from portal.provisioning.outbox import DurableOutbox
from portal.provisioning.record import Record
from portal.release.farewell import Farewell
from portal.release.released import Released
from portal.release.visitors import ANYBODYS, Visitors
from portal.services import Services
from portal.succession import succeed
from portal.terms import Log, Terms
from portal.thrift import Thrift, give_back
from portal.worker import PoliteWorker

if TYPE_CHECKING:
    from portal.bench.site import BenchSite
    from portal.metrics.wiring import Watched

# In RUNTIME: the access point's own name, as it is on the air.
_OWN_NAME: Final = "ssid"


@dataclass(frozen=True, slots=True)
class Plan:
    """What this portal is about; `url` is its own, absolute, with a slash at its end, and `site`
    the same by name under TLS, "" without.
    """

    url: str
    state: Path
    runtime: Path
    deliveries: Sequence[str]
    threads: int
    demo: bool
    site: str = ""
    joins: bool = False
    brand: Brand = field(default_factory=Brand)
    fields: tuple[Field, ...] = ()
    limits: Limits = field(default_factory=Limits)
    seal_to: Mapping[str, str] = field(default_factory=dict)
    bench: Bench = field(default_factory=Bench)


class Site:
    """What the worker serves: the ready answers, and the Flask app behind them.

    `publish` is the worker's, for event streams.
    """

    publish: Callable[[str, News], None] = staticmethod(lambda _topic, _news: None)

    def __init__(self, plan: Plan) -> None:
        database = plan.state / "records.db"
        self._store = Store(
            database,
            limits=plan.limits,
            names=plan.deliveries,
            log=_say,
        )
        outbox = DurableOutbox(
            self._store,
            plan.deliveries,
            plan.runtime / "deliver.sock",
            joins=plan.joins,
            seal=_seal(plan.seal_to),
        )
        self._released = Released(plan.runtime, time.time)
        self._farewell = Farewell(outbox.state, self._released, time.monotonic)
        visitors = Visitors(time.monotonic)
        begun = plan.joins and database.exists()
        self._lapse = Lapse(self._store, time.monotonic, begun=begun)
        self._joining = self._join(plan, outbox, visitors) if plan.joins else None
        self._rescan = Rescan(
            Radio(plan.runtime / SOCKET),
            busy=lambda: self._joining is not None and self._joining.busy,
            clock=time.monotonic,
            log=_say,
        )
        self._services = services = self._equipped(plan, outbox, visitors)
        self._bench = _bench(plan, outbox, self._released)
        self._app = create_app(services, self._bench)
        self._thrift = Thrift(lambda: len(self._app.jinja_env.cache or ()))
        is_device = self._bench.is_device if self._bench else None
        self.ready = Ready(plan.url, self._released, is_device)

        # Beside the first visitors: 64 MiB take a second or two on a small Pi.
        threading.Thread(target=self._store.check, name="check", daemon=True).start()
        if self._joining and database.exists():
            # What an end of this process, or of the power, has cut short.
            self._joining.wake()

    def _equipped(self, plan: Plan, outbox: DurableOutbox, visitors: Visitors) -> Services:
        """What the pages and the API work with."""
        return Services(
            url=plan.url,
            outbox=outbox,
            releases=self._released,
            farewell=self._farewell,
            networks=LatestScan(plan.runtime / "networks.json"),
            now=lambda: datetime.now(UTC),
            random=os.urandom,
            joins=plan.joins,
            demo=plan.demo,
            site=plan.site,
            joining=self._joining,
            visitors=visitors if plan.joins else None,
            rescan=self._rescan,
            face=Face.of(plan.brand, plan.fields, _say),
            access_point=lambda: _read(plan.runtime / _OWN_NAME),
        )

    def _join(self, plan: Plan, outbox: DurableOutbox, visitors: Visitors) -> Joining:
        """The driver of joins, which releases who has connected before it tells anybody."""

        def settled(id_: str) -> None:
            self._lapse.ended()
            visitors.happened(id_)
            self._farewell.look()

        def recalled(life: Life) -> None:
            # By the wall clock, which may be wrong: then it is shown to nobody unasked.
            at = life.join.at if life.join else None
            age = (datetime.now(UTC) - at).total_seconds() if at else ANYBODYS
            if 0 <= age < ANYBODYS:
                visitors.happened(life.id)

        ears = Ears(self._tell, settled, recalled, _say)
        radio = Radio(plan.runtime / SOCKET)
        return Joining(World(outbox, radio, ears, clock=time.monotonic))

    def _tell(self, id_: str) -> None:
        """Let those who follow a record know that something has changed."""
        # A number first, so that whatever is read from now on is as new as it says, or newer.
        number = self._services.news.next()
        try:
            life = self._services.outbox.state(id_)
        except Unwritable:
            return
        seen = life and self._services.view(life)
        if life and seen:
            self.publish(id_, News(number, progress.event(life, seen), last=seen.final))

    def wsgi(self) -> Flask:
        """The app, by the name under which gunicorn asks for it."""
        return self._app

    @property
    def busy(self) -> bool:
        """Whether there are chores: somebody waits to be released or has been, or wants a list."""
        is_old = self._joining is not None and self._rescan.due
        waiting = len(self._farewell) or len(self._released) or self._bench or self._thrift.due
        return bool(is_old or self._lapse.due or waiting)

    def chores(self) -> None:
        """Release those whose set-up has ended well, forget those whose lease has ended.

        Looks around again where that is due. Reads the database and the lease file and asks the
        radio, so for a thread.
        """
        if self._joining:
            self._rescan.look()
        self._lapse.look()
        self._farewell.look()
        self._released.sweep()
        if self._bench:
            self._bench.chores()
        self._thrift.look()

    def rest(self) -> None:
        """Let go of the radio for good, and of the database until it is needed again."""
        self._rescan.stop()
        if self._joining:
            self._joining.stop()
        if self._bench:
            self._bench.rest()
        self._store.close()

    def counts(self) -> str:
        """What came, for one line of log."""
        door: FrontDoor = self._app.wsgi_app  # type: ignore[assignment]  # see create_app
        return door.counts(answered_before=self.ready.given)


def serve(
    plan: Plan,
    listener: socket.socket,
    argv: Sequence[str],
    channel: socket.socket | None = None,
    watched: Watched | None = None,
) -> None:
    """Serve until SIGTERM. On SIGHUP the process begins anew with `argv`, on the same sockets.

    On `channel` connections that came by TLS are handed over; `watched` asks for metrics.
    """
    site = Site(plan)
    worker = PoliteWorker(1, os.getppid(), [listener], site, 0, Terms(plan.threads), Log())
    worker.channel = channel
    if watched:
        watched.attach(site, worker, plan.state, plan.runtime)
    give_back()
    worker.init_process()
    site.rest()
    _say(site.counts())
    if worker.reloading:
        sockets = (listener, channel, watched and watched.listener)
        succeed([each for each in sockets if each], argv)


def _seal(keys: Mapping[str, str]) -> Callable[[Record], Mapping[str, Record]]:
    """What seals a record to these keys, by delivery."""
    if not keys:
        return lambda _: {}
    # Here, because libsodium costs 1 MiB and 5 ms that others need not pay.
    from portal.provisioning.secrecy.sealing import Sealing  # noqa: PLC0415 - see above

    return Sealing(keys).boxes


def _bench(plan: Plan, outbox: DurableOutbox, released: Released) -> BenchSite | None:
    """The technician's bench, where there is one; nobody else pays for it."""
    if not plan.bench.enabled:
        return None
    from portal.bench.site import BenchSite  # noqa: PLC0415 - see above

    return BenchSite.of(plan, outbox, released, _say)


def _say(line: str) -> None:
    # One write per line, so that lines of several processes do not mix.
    sys.stderr.write(f"portal: {line}\n")


def _read(path: Path) -> bytes:
    """What stands in a small file, nothing where there is none."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
