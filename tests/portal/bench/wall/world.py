"""The bench's pages over a bench in memory, for every test of them and for the pictures."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from wsgiref.simple_server import make_server

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import services as portals
from portal.app import create_app
from portal.bench.desk import Entry as Line
from portal.bench.desk import Flaw, Job, Level, Light, Offer, Preview
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Artifact, Event, Head, Refused, Row
from portal.bench.wall import office as offices
from portal.bench.wall import pins
from portal.bench.wall.blueprint import blueprint
from portal.bench.wall.entry import Entry
from portal.bench.wall.office import Office
from portal.bench.wall.people import People
from portal.bench.wall.printer import Printer
from portal.bench.wall.sessions import Sessions
from portal.form.tokens import FIELD
from portal.provisioning.keeping.files import make_directory, write_whole
from portal.services import Services
from tests.portal.bench.fakes import AT, FakeBench, artifact
from tests.portal.fakes import URL, fake_services
from tests.portal.serving import _Quiet, _Threaded

PIN = "271828"
PEOPLE = (("Ada", "lead"), ("Ben", "technician"))


@dataclass
class FakeDesk(FakeBench):
    """`desk.Desk` over `FakeBench`."""

    shelf: list[Artifact] = field(default_factory=lambda: [artifact()])
    lit: list[Light] = field(default_factory=list)
    works: list[Job] = field(default_factory=list)
    sent: dict[str, bytes] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    may_be: dict[str, list[str]] = field(default_factory=dict)
    imported: list[tuple[str, bytes, bool]] = field(default_factory=list)
    shown: Preview = field(default_factory=lambda: Preview(0, 0, 0, 0))
    line: Head | None = None

    def head(self) -> Head:
        return self.line or super().head()

    def rows(self, since: int = 0) -> tuple[int, Sequence[Row]]:
        return super().rows(since)

    def candidates(self, device: str) -> Sequence[Row]:
        return [self.devices[name] for name in self.may_be.get(device, ())]

    def lights(self) -> Sequence[Light]:
        return self.lit

    def jobs(self) -> Sequence[Job]:
        return self.works

    def open_job(self, name: str, who: str) -> None:
        self.works = [replace(each, current=False) for each in self.works]
        self.works.insert(0, Job(f"job-{len(self.works)}", name, 0, 0, 0, AT, current=True))
        self.note(who, "opened a job", name)

    def choose_job(self, job: str, who: str) -> None:
        if job not in {each.id for each in self.works}:
            raise Refused("There is no such job.")
        self.works = [replace(each, current=each.id == job) for each in self.works]
        self.note(who, "chose a job", job)

    def preview(self, name: str, body: bytes) -> Preview:
        if b"\0" in body:
            raise Refused(f"{name} is no text: there is a NUL in it.")
        return self.shown

    def take_manifest(self, name: str, body: bytes, who: str, *, partial: bool) -> Preview:
        if self.shown.invalid and not partial:
            raise Refused("Not all rows are sound.")
        self.imported.append((name, body, partial))
        self.note(who, "imported", name)
        return self.shown

    def export(self) -> bytes:
        return b"id\r\n" + b"".join(f"{name}\r\n".encode() for name in self.devices)

    def files(self) -> Sequence[Artifact]:
        return self.shelf

    def send_piece(self, upload: str, offset: int, piece: bytes) -> int:
        before = self.sent.get(upload, b"")
        if len(before) == offset:
            self.sent[upload] = before + piece
        return len(self.sent.get(upload, b""))

    def take_file(self, upload: str, offer: Offer, who: str) -> Artifact:
        if upload not in self.sent:
            raise Refused("Nothing of this file is here.")
        if not offer.signature and not offer.override:
            raise Refused("This file is not signed.")
        made = artifact(self.sent.pop(upload), offer.name, offer.product, offer.version)
        made = replace(made, signer="" if offer.override else "office")
        self.shelf.insert(0, replace(made, override=who if offer.override else ""))
        self.note(who, "let in a file", offer.name)
        return self.shelf[0]

    def drop_file(self, sha256: str, who: str) -> None:
        if all(each.sha256 != sha256 for each in self.shelf):
            raise Refused("There is no such file.")
        self.shelf = [each for each in self.shelf if each.sha256 != sha256]
        self.note(who, "removed a file", sha256)

    def site(self) -> str:
        return "Workshop 2"

    def audit(self, most: int = 200) -> Sequence[Line]:
        return self.lines[::-1][:most]

    def note(self, who: str, what: str, about: str = "") -> None:
        before = self.lines[-1].digest if self.lines else ""
        digest = hashlib.sha256(f"{before}{who}{what}{about}".encode()).hexdigest()
        self.lines.append(Line(len(self.lines) + 1, AT, who, what, about, digest))


@dataclass
class World:
    """A bench, who may sign in there, and the app over both."""

    desk: FakeDesk
    office: Office
    services: Services
    seconds: list[float]
    made: Flask | None = None

    def app(self) -> Flask:
        """The portal with the bench in it."""
        if self.made is None:
            self.made = create_app(self.services)
            self.made.register_blueprint(blueprint(self.office))
            self.made.test_client_class = Hand
        return self.made

    def client(self, name: str = "Ada") -> FlaskClient:
        """A client under the portal's own name; signed in as `name`, or "" not."""
        client = self.app().test_client()
        if name:
            client.set_cookie("bench", self.cookie(name), domain="100.64.64.1", path="/bench")
        return client

    def cookie(self, name: str = "Ada") -> str:
        """A session of this person's, without the PIN's third of a second."""
        person = self.office.people.find(name)
        assert person is not None
        return self.office.sessions.open(person, self.seconds[0])

    def token(self, cookie: str) -> str:
        """What the forms of a session carry."""
        found = self.office.sessions.find(cookie, self.seconds[0], act=False)
        assert found is not None
        return found.token

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The app at a URL of loopback, without a slash at its end."""
        with make_server(
            "127.0.0.1", 0, lambda *_: [], server_class=_Threaded, handler_class=_Quiet
        ) as server:
            url = f"http://127.0.0.1:{server.server_port}"
            self.services, self.made = replace(self.services, url=f"{url}/"), None
            server.set_app(self.app())
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield url
            finally:
                server.shutdown()
                thread.join()


class Hand(FlaskClient):
    """A client that posts the forms it was given, unless told otherwise."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        data = kwargs.get("data", {})
        if kwargs.get("method") == "POST" and isinstance(data, dict) and FIELD not in data:
            kwargs["data"] = {FIELD: self._token(str(args[0])), **data}
        return super().open(*args, **{"base_url": URL, **kwargs})

    def _token(self, path: str) -> str:
        cookie = self.get_cookie("bench", domain="100.64.64.1", path="/bench")
        services: Services = self.application.extensions[portals.KEY]
        office: Office = self.application.extensions[offices.KEY]
        if path.endswith("/sign-in") or cookie is None:
            return services.tokens.make("127.0.0.1", services.monotonic())
        found = office.sessions.find(cookie.value, office.monotonic(), act=False)
        return found.token if found else ""


@functools.cache
def _kept() -> str:
    """What is kept of the PIN: once, because each takes 31 ms."""
    return pins.kept(PIN, bytes(pins.SALT_BYTES))


def world(folder: Path, desk: FakeDesk | None = None, **more: Any) -> World:
    """A bench with Ada, who leads, and Ben, who does not, both with the same PIN."""
    seconds = [1000.0]
    people = People(folder / "bench" / "people.json", Random(3).randbytes)
    rows = [{"name": name, "role": role, "pin": _kept()} for name, role in PEOPLE]
    make_directory(folder / "bench")
    write_whole(folder / "bench" / "people.json", [json.dumps({"people": rows}).encode()])
    sessions = Sessions(Random(4).randbytes)
    entry = Entry(
        people, sessions, folder / "bench" / "tries.json", lambda: seconds[0], lambda: seconds[0]
    )
    desk = desk or FakeDesk()
    printer = Printer(folder / "bench" / "printer", **more)
    office = Office(desk, people, sessions, entry, lambda: seconds[0], printer)
    return World(desk, office, fake_services(), seconds)


def shift(count: int = 200) -> FakeDesk:
    """A bench in the middle of a shift: something of everything, the same each time."""
    desk, chance = FakeDesk(), Random(8)
    for number in range(1, count + 1):
        name = f"lamp-{number:03}"
        mac = f"a4:cf:12:{number // 256:02x}:{number % 256:02x}:{chance.randrange(256):02x}"
        desk.expect(name, mac=mac, serial=f"00{70000 + number}", claim=f"C{number:04}")
        row = replace(desk.devices[name], claim=f"C{number:04}")
        desk.devices[name] = _moved(row, number / count, number, chance)
    _furnished(desk)
    desk.line = Head(
        "Hall 4, north wing", Counter(r.state for r in desk.devices.values()), 2_410_000, 8, 8, 94
    )
    return desk


def _furnished(desk: FakeDesk) -> None:
    """A job and an earlier one, two files, lights, and histories that the report can count."""
    desk.works = [
        Job("j2", "Hall 4, north wing", 200, 116, 3, "2026-03-01T07:58:00Z", current=True),
        Job("j1", "Hall 3", 48, 48, 0, "2026-02-27T08:05:00Z"),
    ]
    plain = replace(artifact(b"older", "lamp-1.9.bin", "lamp", "1.9"), signer="", override="Ada")
    desk.shelf = [replace(artifact(b"new", "lamp-2.0.bin"), size=1_500_000), plain]
    desk.lit = [
        Light("Slots", Level.GOOD, "8 downloads at once; the radio holds 10 devices."),
        Light("Disk", Level.GOOD, "21.4 GB free, 1.5 MB used by files."),
        Light("Signatures", Level.WARN, "1 of 2 files is not signed: lamp-1.9.bin, by Ada."),
        Light(
            "Clock",
            Level.BAD,
            "This device thinks that it is 1 January 2026.",
            "Give it the time: open this page once with Internet, or sudo date -s …",
        ),
        Light("Manifest", Level.GOOD, "200 rows, all sound; every document renders."),
    ]
    desk.may_be = {"lamp-077": ["lamp-180", "lamp-181"]} if "lamp-181" in desk.devices else {}
    desk.shown = Preview(
        186, 3, 9, 2,
        (
            Flaw(17, "mac", "a4:cf:12:00:zz", "A MAC has 12 hexadecimal digits."),
            Flaw(40, "name", "lamp 40!", "A host name has letters, digits and dashes."),
        ),
        ("Separated by semicolons, UTF-8.", "The column state is not read."),
    )  # fmt: skip
    chance = Random(5)
    for row in desk.devices.values():
        _lived(desk, row, chance)
    for who, what, about in (
        ("Ada", "signed in", "100.64.64.20"),
        ("Ada", "imported", "devices.csv"),
    ):
        desk.note(who, what, about)


def _lived(desk: FakeDesk, row: Row, chance: Random) -> None:
    begun = chance.randrange(0, 3000)
    events = desk.events[row.id]
    if row.attempt:
        events.append(_event(begun, "bench", "started", State.FLASHING, row.attempt))
    if row.state is State.PROVISIONED:
        lasted = chance.randrange(19, 65)
        events.append(_event(begun + lasted, "device", "done", State.PROVISIONED, row.attempt))
    if row.state is State.FAILED:
        events.append(_event(begun + 40, "bench", "failed", State.FAILED, 1, row.reason))
        events.append(_event(begun + 50, "Ben", "retried", State.QUEUED, 1))
        events.append(_event(begun + 99, "bench", "failed", State.FAILED, 2, row.reason))


def _event(
    second: int, who: str, what: str, state: State, attempt: int, reason: Reason | None = None
) -> Event:
    at = datetime(2026, 3, 1, 8, 0, tzinfo=UTC) + timedelta(seconds=second)
    return Event(at.isoformat().replace("+00:00", "Z"), who, what, state, attempt, reason)


def _moved(row: Row, share: float, number: int, chance: Random) -> Row:
    row = replace(row, since=float(chance.randrange(20, 3000)), signal=-chance.randrange(38, 82))
    special = _SPECIAL.get(number)
    if special:
        state, reason, detail = special
        return replace(row, state=state, reason=reason, detail=detail, attempt=2, version="1.4.0")
    if share < 0.62:
        evidence = "version 2.0 seen"
        return replace(row, state=State.PROVISIONED, attempt=1, version="2.0", evidence=evidence)
    if share < 0.66:
        part = chance.randrange(100_000, 1_400_000)
        return replace(
            row, state=State.FLASHING, attempt=1, size=1_500_000, acknowledged=part,
            since=float(chance.randrange(2, 15)), version="1.4.0", protocol="httpupdate",
        )  # fmt: skip
    if share < 0.68:
        return replace(
            row, state=State.REBOOTING, attempt=1, size=1_500_000, acknowledged=1_500_000
        )
    if share < 0.8:
        return replace(row, state=State.QUEUED, version="1.4.0")
    return replace(row, signal=None)


_SPECIAL: dict[int, tuple[State, Reason | None, str]] = {
    17: (State.FAILED, Reason.NO_SPACE, "needs 1 500 000 bytes, has 983 040"),
    41: (State.FAILED, Reason.REBOOTED_OLD_VERSION, "1.4.0"),
    58: (State.FAILED, Reason.DOWNLOAD_STALLED, "at 612 kB of 1.5 MB"),
    77: (State.CONFLICT, Reason.DUPLICATE_IDENTITY, "serial 0070077 and the MAC of lamp-078"),
    90: (State.SEEN, Reason.NOT_IN_MANIFEST, "a4:cf:12:00:9f:10"),
    101: (State.GONE, None, ""),
    120: (State.REJECTED, None, ""),
}
