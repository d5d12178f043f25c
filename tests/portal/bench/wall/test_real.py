"""The pages over the real bench: a shift from the first lead to the report."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hotspot.settings import Bench as Settings
from portal.app import create_app
from portal.bench.building import Place
from portal.bench.port import Claims, Sighting, Turn, Verb
from portal.bench.site import BenchSite
from portal.bench.wall import gate, office
from portal.bench.wall.people import Role
from tests.portal.bench.wall.unpacking import ids
from tests.portal.bench.wall.world import PIN, Hand
from tests.portal.fakes import fake_services

DEVICES = 200
IMAGE = b"\xe9firmware" * 20


@contextmanager
def opened(state: Path) -> Iterator[tuple[BenchSite, Flask]]:
    """The bench in this folder, and the portal with it, until the end."""
    place = Place(
        state, state, Settings(enabled=True, site="Hall"), lambda *_: None, lambda _: None
    )
    site = BenchSite(place, lambda _: "")
    app = create_app(fake_services())
    for blueprint in site.blueprints:
        app.register_blueprint(blueprint)
    app.test_client_class = Hand
    try:
        yield site, app
    finally:
        site.rest()


def entered(app: Flask) -> FlaskClient:
    """Ada's browser, signed in."""
    people = app.extensions[office.KEY].people
    if people.find("Ada") is None:
        people.add("Ada", Role.LEAD, PIN)
    client = app.test_client()
    assert client.post("/bench/sign-in", data={"name": "ada", "pin": PIN}).status_code == 303
    return client


def furnish(client: FlaskClient) -> None:
    """A job with 200 rows, one that is not sound, and an image."""
    rows = "".join(
        f"lamp-{n:03},a4:cf:12:00:00:{n:02x},007{n:04},C{n:04},lamp,lamp-{n:03}\r\n"
        for n in range(1, DEVICES + 1)
    )
    table = f"id,mac,serial,claim,product,name\r\n{rows}bad,zz,,,,\r\n".encode()
    client.post("/bench/jobs", data={"name": "Hall 4"})
    shown = client.post(
        "/bench/import", data={"file": (io.BytesIO(table), "devices.csv")}, follow_redirects=True
    )
    assert "Import the 200 that are sound" in shown.text
    assert "12 hexadecimal digits" in shown.text
    taken = client.post("/bench/import/take", data={"partial": "1"}, follow_redirects=True)
    assert "200 new, 0 changed, 1 left out" in taken.text
    form = {"file": (io.BytesIO(IMAGE), "lamp.bin"), "product": "lamp", "version": "2.0"}
    put = client.post("/bench/files", data={**form, "override": "1"}, follow_redirects=True)
    assert "lamp.bin is on the shelf, not signed" in put.text


def seen(site: BenchSite, number: int, version: str = "1.0") -> Turn:
    """A device asks what to do."""
    mac = f"a4:cf:12:00:00:{number:02x}"
    return site.bench.see(Sighting(Claims("10.0.0.1", mac=mac), "ours", "lamp", version))


def test_a_shift(tmp_path: Path) -> None:
    """Job, manifest, image; a device is flashed and done; another is nobody's until it is said;
    then the label, the report, the audit.
    """
    with opened(tmp_path) as (site, app):
        client = entered(app)
        furnish(client)
        assert seen(site, 7).verb is Verb.FLASH
        assert "flashing" in client.get("/bench?d=lamp-007").text
        seen(site, 7, "2.0")
        stranger = seen(site, 250)
        assert "Not in the manifest" in client.get("/bench").text
        card = client.get("/bench", query_string={"d": stranger.device}).text
        assert "It is <bdi>lamp-009</bdi>" in card
        form = {"id": stranger.device, "act": "is", "row": "lamp-009"}
        answer = client.post("/bench/act", data=form)
        assert answer.location.endswith("/bench?d=lamp-009")
        assert client.get("/bench?d=lamp-009").status_code == 200
        assert client.get("/bench/claim/C0007").location.endswith("/bench?d=lamp-007")
        label = client.get("/bench/labels.zpl?id=lamp-007").text
        assert "^FDMA,http://100.64.64.1/d/C0007^FS" in label
        assert (
            "has its label"
            in client.post("/bench/labelled", data={"q": "C0007"}, follow_redirects=True).text
        )
        table = client.get("/bench/report.csv").data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table)))
        done = next(row for row in rows if row["id"] == "lamp-007")
        assert (done["state"], done["version"], done["serial"]) == ("labelled", "2.0", "0070007")
        report = client.get("/bench/report").text
        assert "let in by <bdi>Ada</bdi>" in report
        audit = client.get("/bench/audit?most=1000").text
        for words in ("signed in", "file added unsigned", "labelled", "manifest imported"):
            assert words in audit
        head = site.bench.audit(1)[0].digest
        assert head in report


def test_it_is_all_there_after_a_restart(tmp_path: Path) -> None:
    """Jobs, devices, people; only sessions are not."""
    with opened(tmp_path) as (site, app):
        client = entered(app)
        furnish(client)
        seen(site, 7)
        cookie = client.get_cookie("bench", domain="100.64.64.1", path="/bench")
    assert cookie is not None
    with opened(tmp_path) as (_, app):
        stale = app.test_client()
        stale.set_cookie("bench", cookie.value, domain="100.64.64.1", path="/bench")
        assert stale.get("/bench").status_code == 303
        text = entered(app).get("/bench").text

        assert "All 200 devices" in text
        assert "Hall 4" in text


def test_the_delta_keeps_its_size(tmp_path: Path) -> None:
    """200 devices in 8 KB, a page in 40, and next to nothing where nothing happens."""
    with opened(tmp_path) as (site, app):
        client = entered(app)
        furnish(client)
        for number in range(1, 30):
            seen(site, number)
        whole = client.get("/bench/api/changes")
        document = whole.json
        assert document is not None
        assert (len(ids(document)), document["t"]) == (DEVICES, DEVICES)
        assert len(whole.data) <= 8 * 1024
        assert len(client.get("/bench").data) < 40_000
        later = client.get(f"/bench/api/changes?since={document['n']}").json
        assert later is not None
        assert set(ids(later)) <= {f"lamp-{n:03}" for n in range(1, 9)}


@pytest.mark.long
def test_the_delta_keeps_its_time(tmp_path: Path) -> None:
    """2 ms for 200 devices, all of them at once, through Flask: the median of 50."""
    with opened(tmp_path) as (_, app):
        client = entered(app)
        furnish(client)
        took = []
        for _ in range(50):
            begun = time.perf_counter()
            client.get("/bench/api/changes")
            took.append(time.perf_counter() - begun)

    assert sorted(took)[25] <= 0.002


def test_every_page_is_closed_in_the_whole_portal(tmp_path: Path) -> None:
    """Whatever blueprint a path of the bench is in: only what devices ask is open."""
    with opened(tmp_path) as (_, app):
        client = app.test_client()
        asked = 0
        for rule in app.url_map.iter_rules():
            is_ours = rule.rule.startswith(("/bench", "/d/"))
            if not is_ours or rule.endpoint in gate.OPEN or _is_devices(rule.rule):
                continue
            path = re.sub(r"<[^>]+>", "x", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                asked += 1
                status = client.open(path, method=method).status_code
                assert (path, method, status) in {(path, method, 303), (path, method, 401)}

    assert asked > 25


def _is_devices(rule: str) -> bool:
    """What devices ask, by codes of their own."""
    return rule.startswith(("/bench/files/<", "/bench/v1", "/bench/esphome", "/bench/nocloud"))
