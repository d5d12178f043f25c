"""The portal as one process: gunicorn's settings, the site, and the worker that serves it."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from flask import Flask
from gunicorn.config import Config
from gunicorn.glogging import Logger

from portal.app import create_app
from portal.detect import FrontDoor
from portal.farewell import Farewell
from portal.provisioning.outbox import DurableOutbox
from portal.provisioning.store import Store
from portal.ready import Ready
from portal.release import Released
from portal.scans import LatestScan
from portal.services import Services
from portal.worker import PoliteWorker

# gunicorn makes a file to show that its worker lives: not on an SD card.
_TMPFS: Final = "/dev/shm"  # noqa: S108 - gunicorn makes its own file there, unlinked at once
# sd_listen_fds(3): the first of the descriptors handed on.
_FIRST: Final = 3


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


class Site:
    """What the worker serves: the ready answers, and the Flask app behind them."""

    def __init__(self, plan: Plan) -> None:
        self._store = Store(plan.state / "records.db")
        outbox = DurableOutbox(self._store, plan.deliveries, plan.runtime / "deliver.sock")
        self._released = Released(plan.runtime, time.time)
        self._farewell = Farewell(outbox.state, self._released, time.monotonic)
        services = Services(
            url=plan.url,
            outbox=outbox,
            releases=self._released,
            farewell=self._farewell,
            networks=LatestScan(plan.runtime / "networks.json"),
            now=lambda: datetime.now(UTC),
            random=os.urandom,
            demo=plan.demo,
            site=plan.site,
        )
        self._app = create_app(services)
        self.ready = Ready(plan.url, self._released)

    def wsgi(self) -> Flask:
        """The app, by the name under which gunicorn asks for it."""
        return self._app

    @property
    def busy(self) -> bool:
        """Whether there are chores: somebody waits to be released, or has been."""
        return bool(len(self._farewell) or len(self._released))

    def chores(self) -> None:
        """Release those whose set-up has ended well, forget those whose lease has ended.

        Reads the database and the lease file, so for a thread.
        """
        self._farewell.look()
        self._released.sweep()

    def rest(self) -> None:
        """Let go of the database until it is needed again."""
        self._store.close()

    def counts(self) -> str:
        """What came, for one line of log."""
        door: FrontDoor = self._app.wsgi_app  # type: ignore[assignment]  # see create_app
        return door.counts(answered_before=self.ready.given)


def serve(
    plan: Plan, listener: socket.socket, argv: Sequence[str], channel: socket.socket | None = None
) -> None:
    """Serve until SIGTERM. On SIGHUP the process begins anew with `argv`, on the same sockets.

    On `channel` connections that came by TLS are handed over.
    """
    settings = Config()
    for name, value in _settings(plan.threads).items():
        settings.set(name, value)
    site = Site(plan)
    log = Logger(settings)
    worker = PoliteWorker(1, os.getppid(), [listener], site, 0, settings, log)
    worker.channel = channel
    _settle()
    worker.init_process()
    site.rest()
    sys.stderr.write(f"portal: {site.counts()}\n")
    if worker.reloading:
        _succeed([each for each in (listener, channel) if each], argv)


def _settle() -> None:
    """Give back what starting up has left behind: 0.6 of 31.1 MiB, measured."""
    gc.collect()
    # What is here now stays: no later collection looks through it again.
    gc.freeze()
    ctypes.CDLL(None).malloc_trim(0)


def _settings(threads: int) -> dict[str, object]:
    return {
        "threads": threads,
        # Counts, not lines: any client could fill the journal with paths.
        "accesslog": None,
        "loglevel": "warning",
        "graceful_timeout": 5,
        "limit_request_fields": 64,
        "worker_tmp_dir": _TMPFS if Path(_TMPFS).is_dir() else None,
    }


def _succeed(sockets: Sequence[socket.socket], argv: Sequence[str]) -> NoReturn:
    """Begin anew in this very process, so that whoever supervises it need not know."""
    # First out of the way of their own places, so that none is overwritten before its turn.
    clear = _FIRST + len(sockets)
    aside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, clear) for each in sockets]
    for place, number in enumerate(aside, _FIRST):
        os.dup2(number, place)
    handed = {"LISTEN_FDS": str(len(sockets)), "LISTEN_PID": str(os.getpid())}
    words = [sys.executable, "-m", "portal", *argv]
    os.execve(sys.executable, words, os.environ | handed)  # noqa: S606 - no shell is the point
