"""Gathers what there is to count, when Prometheus asks and not before."""

from __future__ import annotations

import json
import os
import struct
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Final

from flask import Response, request

from portal.door.streams import News
from portal.metrics import families, text
from portal.metrics.attempts import Attempts
from portal.metrics.families import Process, Seen
from portal.metrics.kinds import Counted
from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.keeping.tally import Counting, Tally
from portal.provisioning.life import PENDING
from portal.release import released

# In RUNTIME.
_DNS, _STATIONS = "dns/answers", "stations"
# Where forms come in, and what their answers mean.
_FORMS: Final = frozenset({"pages.submit", "api.submit"})
_MEANS: Final = {
    202: "accepted", 303: "accepted", 400: "refused", 403: "stale", 429: "too_soon",
    503: "unwritable",
}  # fmt: skip


class Gathering:
    """All counters of one portal. `backends` are those of the deliveries by name."""

    def __init__(
        self, state: Path, runtime: Path, backends: Mapping[str, str], ready: Counted
    ) -> None:
        database = state / "records.db"
        self._count = Counting(database)
        self._attempts = Attempts(database)
        self._runtime = runtime
        self._backends = backends
        self._ready = ready
        self._requests: Counter[tuple[str, str]] = Counter()
        self._submissions = Counter(dict.fromkeys((*_MEANS.values(), "failed"), 0))
        self._joins: Counter[str] = Counter()

    def __call__(self) -> str:
        """The text for Prometheus."""
        return text.render(families.families(self.seen()))

    def answered(self, response: Response) -> Response:
        """Count an answer of the app; for Flask's `after_request`."""
        endpoint = request.endpoint or "none"
        self._requests[endpoint, str(response.status_code)] += 1
        if endpoint in _FORMS:
            self._submissions[_MEANS.get(response.status_code, "failed")] += 1
        return response

    def telling(self, publish: Callable[[str, News], None]) -> Callable[[str, News], None]:
        """`publish`, with the outcomes of joins counted on their way to those who follow."""

        def told(topic: str, news: News) -> None:
            if news.last:
                with suppress(ValueError, AttributeError):
                    join = json.loads(news.data.partition(b":")[2]).get("join") or {}
                    self._joins[join.get("outcome") or "interrupted"] += 1
            publish(topic, news)

        return told

    def seen(self) -> Seen:
        """Everything as values."""
        tally, is_readable = Tally(), True
        try:
            tally = self._count()
            self._attempts.look()
        except Unwritable:
            is_readable = False
        return Seen(
            version=_version(),
            process=_process(),
            probes=dict(self._ready.kinds),
            requests=dict(self._requests),
            submissions=dict(self._submissions),
            joins=dict(self._joins),
            attempts=self._by_backend(),
            records={str(state): number for state, number in tally.states.items()},
            waiting=_waiting(tally, self._backends),
            incidents=len(tally.incidents),
            clients=_clients(self._runtime),
            stations=_stations(self._runtime / _STATIONS),
            answers=_answers(self._runtime / _DNS),
            readable=is_readable,
        )

    def _by_backend(self) -> dict[tuple[str, str, str], int]:
        counted = self._attempts.counted.items()
        return {
            (name, self._backends.get(name, "none"), result): number
            for (name, result), number in counted
        }


def _waiting(tally: Tally, names: Mapping[str, str]) -> dict[str, int]:
    found = dict.fromkeys(names, 0)
    for (name, state), number in tally.deliveries.items():
        if state in PENDING:
            found[name] = found.get(name, 0) + number
    return found


def _clients(runtime: Path) -> dict[str, int]:
    found = {"captive": 0, "released": 0}
    for client in released.clients(runtime):
        found["released" if client.released else "captive"] += 1
    return found


def _stations(file: Path) -> int | None:
    """How many are on the access point; None where nobody has counted."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _answers(file: Path) -> dict[str, int]:
    """What the resolver counts, where it does (`dnsd.counts`): two numbers of 64 bits."""
    try:
        udp, tcp = struct.unpack("=QQ", file.read_bytes())
    except (OSError, struct.error):
        return {}
    return {"udp": udp, "tcp": tcp}


def _process() -> Process:
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    # proc(5): starttime is field 22, and the first after the name is 3.
    since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Process(
        started=round(booted + since_boot, 2),
        memory=pages * os.sysconf("SC_PAGE_SIZE"),
        busy=round(time.process_time(), 2),
        descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - only counted
    )


def _version() -> str:
    try:
        return metadata.version("vestibule")
    except metadata.PackageNotFoundError:
        return "none"
