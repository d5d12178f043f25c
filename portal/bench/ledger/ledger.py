"""What the bench remembers: jobs, devices, and every line of the audit.

Law: what is said to have happened is on the disk. A change of devices and the lines that tell of
it are one transaction, and so is what is to be handed to the outbox.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from portal.bench.devices.device import Device, learned, restored
from portal.bench.ledger import chain, damage, history
from portal.bench.ledger.schema import STEPS
from portal.bench.manifest.columns import is_secret
from portal.bench.port import Event
from portal.provisioning.keeping.database import Database, Unwritable
from portal.provisioning.life import Moment
from portal.provisioning.moments import clock
from portal.provisioning.record import timestamp

FILE: Final = "bench.db"


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be told of one thing that happened; `more` is whatever else belongs to it."""

    who: str
    what: str
    device: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """Devices as they are now, the lines that say why, and what is to go to the outbox, by id."""

    devices: Sequence[Device] = ()
    lines: Sequence[Line] = ()
    parcels: Mapping[str, str] = field(default_factory=dict)
    gone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it is kept: its number, name, document and when it began (UTC, ISO 8601)."""

    n: int
    id: str
    document: Mapping[str, Any]
    begun: str
    current: bool


class Sealing(Protocol):
    """Where secrets go before they touch the disk (`vault.Vault`)."""

    def seal(self, device: str, column: str, value: str) -> str:
        """A value as the database has it."""
        ...

    def open(self, device: str, column: str, sealed: str) -> str | None:
        """The value, None where its key is no more."""
        ...


class Moved(Unwritable):
    """Another process has changed something since: read again, decide again."""


class Ledger:
    """`bench.db` in `folder`, for any number of threads.

    Secrets are sealed in `vault`; without one they are not kept at all. A file found damaged is
    set aside under another name, `log` is told, and a new one begun, so that it stands in
    nobody's way. Every method raises `database.Unwritable`.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], Moment] = clock.now,
        log: Callable[[str], None] = lambda _: None,
        vault: Sealing | None = None,
    ) -> None:
        self._path = folder / FILE
        self._vault = vault
        self._now = now
        self._log = log
        self._database = Database(self._path, self._set_aside, STEPS)
        self._turn = threading.Lock()

    def close(self) -> None:
        """Close the database; a later use opens it again."""
        self._database.close()

    def _set_aside(self) -> bool:
        """Make room for a new file where this one is damaged; two threads may come to see."""
        with self._turn:
            if not damage.is_damaged(self._path):
                return False
            self._database.close()
            place = next(
                place
                for number in itertools.count(1)
                if not (place := self._path.with_name(f"{FILE}.damaged-{number}")).exists()
            )
            self._path.rename(place)
            self._path.with_name(f"{FILE}-journal").unlink(missing_ok=True)
            self._log(f"{self._path} is damaged: kept as {place.name}, begun anew")
            return True

    # --- jobs ----------------------------------------------------------------------------

    def jobs(self) -> list[JobRow]:
        """All jobs, in the order in which they were begun."""
        with self._database.use() as connection:
            rows = connection.execute("SELECT n, id, document, begun, current FROM job ORDER BY n")
            return [
                JobRow(n, id_, json.loads(document), begun, bool(current))
                for n, id_, document, begun, current in rows
            ]

    def put_job(self, id_: str, document: Mapping[str, Any], line: Line) -> JobRow:
        """Keep a job, or what it says now, and make it the one that is worked on."""
        with self._database.transaction() as connection:
            at = self._now()
            connection.execute("UPDATE job SET current = 0")
            connection.execute(
                "INSERT INTO job (id, document, begun, current) VALUES (?, ?, ?, 1)"
                " ON CONFLICT (id) DO UPDATE SET document = excluded.document, current = 1",
                (id_, chain.canonical(document), timestamp(at.wall)),
            )
            row = connection.execute("SELECT n, begun FROM job WHERE id = ?", (id_,)).fetchone()
            self._append(connection, int(row[0]), [line], at)
        return JobRow(int(row[0]), id_, document, str(row[1]), current=True)

    # --- devices -------------------------------------------------------------------------

    def devices(self, job: int) -> list[Device]:
        """A job's devices in the order of its manifest."""
        with self._database.use() as connection:
            rows = connection.execute(
                "SELECT id, cells, learned FROM device WHERE job = ? ORDER BY position", (job,)
            )
            return [
                restored(id_, self._opened(id_, json.loads(cells)), json.loads(known))
                for id_, cells, known in rows
            ]

    def write(self, job: int, change: Change, since: int) -> int:
        """Keep a change, all of it or nothing: the number of the audit's last line.

        Raises `Moved` where somebody else has written after line `since`, on which the change
        was decided.
        """
        with self._database.transaction() as connection:
            _unmoved(connection, since)
            (last,) = connection.execute(
                "SELECT ifnull(max(position), -1) FROM device WHERE job = ?", (job,)
            ).fetchone()
            # A device that is there keeps its place.
            connection.executemany(
                "INSERT INTO device (job, id, position, cells, learned) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (job, id) DO UPDATE SET cells = excluded.cells,"
                " learned = excluded.learned",
                (
                    (job, each.id, place, self._sealed(each), _ordered(learned(each)))
                    for place, each in enumerate(change.devices, last + 1)
                ),
            )
            for id_ in change.gone:
                connection.execute("DELETE FROM device WHERE job = ? AND id = ?", (job, id_))
            for key, body in change.parcels.items():
                connection.execute("INSERT OR REPLACE INTO parcel VALUES (?, ?)", (key, body))
            return self._append(connection, job, change.lines, self._now())

    def _sealed(self, device: Device) -> str:
        """Its cells as JSON: a secret is an object with what only the vault opens."""
        cells: dict[str, Any] = dict(device.cells)
        for name, value in device.cells.items():
            if value and is_secret(name):
                box = self._vault.seal(device.id, name, value) if self._vault else ""
                cells[name] = {"sealed": box}
        return _ordered(cells)

    def _opened(self, device: str, cells: Mapping[str, Any]) -> dict[str, str]:
        """The cells; "" for a secret whose key is no more."""
        found = {}
        for name, value in cells.items():
            if isinstance(value, dict) and self._vault:
                value = self._vault.open(device, name, str(value.get("sealed", "")))  # noqa: PLW2901 - opened
            found[name] = value if isinstance(value, str) else ""
        return found

    # --- what waits for the outbox -------------------------------------------------------

    def parcels(self) -> list[tuple[str, str]]:
        """What has not been handed over yet: id and body."""
        with self._database.use() as connection:
            return connection.execute("SELECT id, body FROM parcel ORDER BY id").fetchall()

    def handed(self, id_: str) -> None:
        """It is in the outbox, durably."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM parcel WHERE id = ?", (id_,))

    # --- the audit -----------------------------------------------------------------------

    def _append(
        self, connection: sqlite3.Connection, job: int, lines: Sequence[Line], at: Moment
    ) -> int:
        number, before = _last(connection)
        for number, line in enumerate(lines, number + 1):  # noqa: B020 - it goes on from there
            body = chain.canonical(
                {
                    "n": number,
                    "at": timestamp(at.wall),
                    "boot": at.boot,
                    "monotonic": round(at.monotonic, 3),
                    "who": line.who,
                    "what": line.what,
                    **({"device": line.device} if line.device else {}),
                    **line.more,
                }
            )
            before = chain.digest(before, body)
            connection.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?)", (number, job, line.device, body, before)
            )
        return number

    def history(self, job: int, device: str) -> list[Event]:
        """What happened to a device, oldest first."""
        with self._database.use() as connection:
            rows = connection.execute(
                "SELECT body FROM event WHERE job = ? AND device = ? ORDER BY n", (job, device)
            ).fetchall()
        return [history.event(json.loads(body)) for (body,) in rows]

    def lines(self, most: int) -> list[tuple[Mapping[str, Any], str]]:
        """The latest lines of the audit with their digests in hexadecimal, the latest first."""
        with self._database.use() as connection:
            rows = connection.execute(
                "SELECT body, digest FROM event ORDER BY n DESC LIMIT ?", (most,)
            ).fetchall()
        return [(json.loads(body), kept.hex()) for body, kept in rows]

    def head(self) -> tuple[int, str]:
        """The number of the last line, and its digest in hexadecimal."""
        with self._database.use() as connection:
            number, kept = _last(connection)
        return number, kept.hex()

    def verify(self) -> chain.Verdict:
        """Whether the audit is whole."""
        with self._database.use() as connection:
            return chain.verify(self._all(connection))

    @staticmethod
    def _all(connection: sqlite3.Connection) -> Iterator[tuple[int, str, bytes]]:
        yield from connection.execute("SELECT n, body, digest FROM event ORDER BY n")


def _ordered(values: Mapping[str, Any]) -> str:
    """JSON that keeps the order: a manifest is exported with its own columns' order."""
    return json.dumps(dict(values), separators=(",", ":"))


def _last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    row = connection.execute("SELECT n, digest FROM event ORDER BY n DESC LIMIT 1").fetchone()
    return (int(row[0]), bytes(row[1])) if row else (0, chain.START)


def _unmoved(connection: sqlite3.Connection, since: int) -> None:
    number, _ = _last(connection)
    if number != since:
        raise Moved(f"line {number} is there already")
