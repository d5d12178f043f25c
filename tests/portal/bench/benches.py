"""A real bench in a folder, with a clock and an outbox that a test can see into."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.bench.artifacts.progress import Progress
from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.slots import Slots
from portal.bench.bench import Bench
from portal.bench.devices.deciding import Patience
from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.documents.formats import NAMES
from portal.bench.ledger.ledger import Change, Ledger, Line
from portal.bench.ledger.vault import Vault
from portal.bench.manifest import job
from portal.bench.parts import Parts
from portal.bench.port import Artifact, Claims, Row, Sighting, Turn
from portal.provisioning.record import Record, from_json

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BODY = b"firmware" * 1000


@dataclass
class Workshop:
    """A bench and what it stands on; `time` is its clock in seconds."""

    folder: Path
    most: int = 8
    time: float = 1000.0
    outbox: dict[str, Record] = field(default_factory=dict)
    handed: list[str] = field(default_factory=list)
    audits: list[Record] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    secrets: bool = False
    holders: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.counter = itertools.count(1)
        self.progress = Progress(lambda: self.time)
        self.shelf = Shelf(self.folder / "artifacts", kept=0)
        self.open()

    def open(self) -> None:
        """Begin, or begin anew after an end that nobody could prepare for."""
        self.ledger = Ledger(
            self.folder, log=self.said.append, vault=Vault(self.folder / "bench.key")
        )
        self.bench = Bench(
            Parts(
                ledger=self.ledger,
                shelf=self.shelf,
                slots=Slots(self.most),
                progress=self.progress,
                monotonic=lambda: self.time,
                random=lambda n: next(self.counter).to_bytes(n, "big"),
                hand=self.hand,
                now=lambda: NOW,
                patience=Patience(),
                most=self.most,
                site="Workshop 2",
                secrets=self.secrets,
                delivered=self.delivered.__contains__,
                holder=lambda address: (
                    None if self.holders is None else self.holders.get(address, "")
                ),
            )
        )

    def hand(self, id_: str, body: str) -> None:
        """What an outbox does: the same record again changes nothing."""
        record = from_json(body.encode())
        assert record.id == id_
        assert record.about is not None
        if record.about.kind == "audit":
            self.audits.append(record)
            return
        assert self.outbox.setdefault(id_, record) == record
        self.handed.append(id_)

    def put(self, product: str = "lamp", version: str = "2.0", body: bytes = BODY) -> Artifact:
        """A file on the shelf."""
        return self.shelf.add(io.BytesIO(body), f"{product}.bin", product, version, override="Ann")

    def begin(self, rows: Iterable[Mapping[str, str]], **more: Any) -> None:
        """A job with these rows of a manifest."""
        about = {"id": "site-7", "product": "lamp", **more.pop("about", {})}
        document = {"job": about, **more}
        job.read(document, NAMES)
        row = self.ledger.put_job("site-7", document, Line("Ann", "job begun"))
        devices = [Device(cells.get("id") or cells["serial"], dict(cells)) for cells in rows]
        self.ledger.write(row.n, Change(devices), self.ledger.head()[0])

    def see(self, version: str = "", **claims: str) -> Turn:
        """What a device is told."""
        product, digest = claims.pop("product", ""), claims.pop("digest", "")
        up = claims.pop("up", "")
        claims.setdefault("address", "100.64.64.9")
        return self.bench.see(
            Sighting(
                Claims(**claims),
                "ours",
                product=product,
                version=version,
                digest=digest,
                uptime=int(up) if up else None,
            )
        )

    def fetch(self, turn: Turn, number: int | None = None) -> None:
        """Have so many bytes of what it was told to fetch, or all, acknowledged."""
        assert turn.ticket is not None
        image = turn.ticket.artifact
        course = self.progress.course(turn.ticket.code, image.size)
        course.began(0, image.size)
        course.acknowledged(0, image.size if number is None else number)

    def row(self, device: str) -> Row:
        """How it stands."""
        found = self.bench.row(device)
        assert found is not None
        return found

    def state(self, device: str) -> State:
        """Where it is."""
        return self.row(device).state


__all__ = ["BODY", "NOW", "Workshop"]
