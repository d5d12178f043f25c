"""Before the first device: the lights, the job, its manifest."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bench.desk import Flaw, Level, Light, Preview
from portal.bench.port import Refused
from portal.bench.wall import planning
from tests.portal.bench.wall import pieces
from tests.portal.bench.wall.world import World, shift, world

CSV = b"id;mac\r\nlamp-001;a4:cf:12:00:00:01\r\n"


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """A shift of 20 devices."""
    return world(tmp_path, shift(20))


def sent(bench: World, client: FlaskClient, body: bytes, offset: int = 0) -> TestResponse:
    """A piece of a manifest, as the page's script sends it."""
    return pieces.sent(bench, client, f"/bench/api/import?name=devices.csv&offset={offset}", body)


def test_the_lights(bench: World) -> None:
    """Each by word and shape, with what helps; on to the wall only where nothing says stop."""
    text = bench.client().get("/bench/check").text
    for words in ("Clock", "stop", "Give it the time", "Look again", 'class="s f"', "have a look"):
        assert words in text
    bench.desk.lit = [Light("Slots", Level.GOOD, "8 downloads at once.")]

    assert "Go: to the wall" in bench.client().get("/bench/check").text


def test_jobs(bench: World) -> None:
    """Begun and chosen in the name of who did it."""
    client = bench.client("Ben")
    client.post("/bench/jobs", data={"name": "  Hall   5 "})
    answer = client.post("/bench/jobs/choose", data={"job": "j1"}, follow_redirects=True)

    assert "Hall 5" in answer.text
    assert [(line.who, line.what, line.about) for line in bench.desk.lines[-2:]] == [
        ("Ben", "opened a job", "Hall 5"),
        ("Ben", "chose a job", "j1"),
    ]
    assert "needs a name" in client.post("/bench/jobs", follow_redirects=True).text
    form = {"job": "none"}
    assert "no such job" in client.post("/bench/jobs/choose", data=form, follow_redirects=True).text


def test_a_manifest_is_looked_at_first(bench: World) -> None:
    """What would change, what is not sound and what helps; nothing is imported by looking."""
    client = bench.client("Ben")
    form = {"file": (io.BytesIO(CSV), "work/devices.csv")}
    text = client.post("/bench/import", data=form, follow_redirects=True).text
    for words in ("What <bdi>devices.csv</bdi>", "186", "a4:cf:12:00:zz", "12 hexadecimal"):
        assert words in text
    assert bench.desk.imported == []
    refused = client.post("/bench/import/take", follow_redirects=True)
    assert "Not all rows are sound" in refused.text
    taken = client.post("/bench/import/take", data={"partial": "1"}, follow_redirects=True)

    assert "186 new, 3 changed, 2 left out" in taken.text
    assert bench.desk.imported == [("devices.csv", CSV, True)]
    again = client.post("/bench/import/take", follow_redirects=True)
    assert "choose a file" in again.text


def test_a_sound_one_is_imported_whole(bench: World) -> None:
    """One button, and no choice where there is nothing to choose."""
    bench.desk.shown = Preview(3, 0, 0, 0)
    client = bench.client()
    form = {"file": (io.BytesIO(CSV), "devices.csv")}
    text = client.post("/bench/import", data=form, follow_redirects=True).text

    assert "Import 3" in text
    assert "partial" not in text


def test_one_that_cannot_be_read(bench: World) -> None:
    """Is refused in the bench's own words."""
    form = {"file": (io.BytesIO(b"id\0mac"), "devices.csv")}
    text = bench.client().post("/bench/import", data=form, follow_redirects=True).text

    assert "there is a NUL in it" in text


def test_in_pieces(bench: World) -> None:
    """What is longer than a form may be; a piece that came twice is not taken twice."""
    client = bench.client()
    first = sent(bench, client, CSV)
    twice = sent(bench, client, CSV, 0)
    wrong = sent(bench, client, b"x", 5)
    last = sent(bench, client, CSV, len(CSV))

    assert (first.status_code, first.json) == (200, {"offset": len(CSV), "next": "/bench/import"})
    assert twice.json == first.json
    assert (wrong.status_code, wrong.json) == (409, {"offset": len(CSV)})
    assert last.json == {"offset": 2 * len(CSV), "next": "/bench/import"}
    client.post("/bench/import/take", data={"partial": "1"})
    assert bench.desk.imported == [("devices.csv", CSV * 2, True)]


def test_a_hundred_megabytes_are_refused(bench: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, and nothing of it is kept."""
    monkeypatch.setattr(planning, "MOST", 100)
    client = bench.client()
    sent(bench, client, b"x" * 90)
    answer = sent(bench, client, b"x" * 90, 90)

    assert answer.status_code == 413
    assert answer.json
    assert "8 MB at the most" in answer.json["detail"]
    assert "choose a file" in client.get("/bench/import", follow_redirects=True).text
    form = {"file": (io.BytesIO(b"x" * 200), "devices.csv")}
    assert "8 MB" in client.post("/bench/import", data=form, follow_redirects=True).text


@pytest.mark.parametrize("name", ["<script>.csv", "\u202ecsv.exe", "../../etc/passwd", "", "a\nb"])
def test_hostile_file_names(bench: World, name: str) -> None:
    """Are text, and only their last part."""
    client = bench.client()
    form = {"file": (io.BytesIO(CSV), name)}
    text = client.post("/bench/import", data=form, follow_redirects=True).text

    assert "<script>.csv" not in text
    assert "/etc" not in text
    assert "\u202e" not in text


def test_hostile_values_are_shown_as_text(bench: World) -> None:
    """In the columns of what is not sound, in notes, in names of jobs and lights."""
    word = "<script>alert(1)</script>\u202e"
    bench.desk.shown = Preview(1, 0, 0, 1, (Flaw(2, word, word, word),), (word,))
    bench.desk.works = [replace(bench.desk.works[0], name=word)]
    bench.desk.lit = [Light(word, Level.BAD, word, word)]
    bench.desk.note(word, word, word)
    client = bench.client()
    sent(bench, client, CSV)
    for path in ("/bench/import", "/bench/jobs", "/bench/check", "/bench/audit"):
        text = client.get(path).text
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text


def test_everybody_has_their_own(bench: World) -> None:
    """What one has sent another does not import."""
    sent(bench, bench.client("Ada"), CSV)
    answer = bench.client("Ben").post("/bench/import/take", follow_redirects=True)

    assert "choose a file" in answer.text


def test_the_manifest_can_be_had(bench: World) -> None:
    """As a file."""
    answer = bench.client().get("/bench/manifest.csv")

    assert answer.data.startswith(b"id\r\n")
    assert "devices.csv" in answer.headers["Content-Disposition"]


def test_a_bench_that_refuses(bench: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words are told."""

    def refuse(name: str, who: str) -> None:
        raise Refused(f"{name} is there already, {who}.")

    monkeypatch.setattr(bench.desk, "open_job", refuse)
    form = {"name": "Hall 3"}
    text = bench.client("Ben").post("/bench/jobs", data=form, follow_redirects=True).text

    assert "Hall 3 is there already, Ben." in text
    assert replace(bench.desk.shown, new=1).fit == 4
