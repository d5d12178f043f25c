"""The wall, the list of devices, one device, and what is done to it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Row
from portal.provisioning.keeping.store import Unwritable
from tests.portal.bench.wall.unpacking import ids, unpacked
from tests.portal.bench.wall.world import FakeDesk, World, shift, world

HOSTILE = (
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "\u202eevil\u202c",
    "x" * 64, "^XZ^XA~JA", "../../etc/passwd", "{{ 7*7 }}", "a b&c=d#e?f", "=cmd|'/c calc'!A1",
)  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """A shift of 200 devices."""
    return world(tmp_path, shift())


def test_the_wall_at_a_glance(bench: World) -> None:
    """Counts, rate, slots; first who needs a person; a square for each; under 40 KB."""
    answer = bench.client().get("/bench")

    assert len(answer.data) < 40_000
    text = answer.text
    for words in ("<dd id=h0>116</dd>", "<dd id=h2>6</dd>", "2.4 MB/s", "8 of 8", "94 s"):
        assert words in text
    assert text.index("Needs you") < text.index("lamp-017") < text.index("Working")
    grid = text[text.index("id=grid") : text.index("</div>", text.index("id=grid"))]
    assert grid.count("<a class=") == 200
    assert 'content="5;url=/bench?auto"' in text


def test_changes_since(bench: World) -> None:
    """All at first, then what is new, and all again where the number is not one of ours."""
    client = bench.client()
    first = client.get("/bench/api/changes").json
    assert first is not None
    assert (first["f"], len(unpacked(first["r"]))) == (1, 200)
    bench.desk.act("lamp-017", "retry", "Ada")

    then = client.get(f"/bench/api/changes?since={first['n']}").json
    assert then is not None
    assert ids(then) == ["lamp-017"]
    assert "f" not in then
    anew = client.get("/bench/api/changes?since=999999").json
    assert anew is not None
    assert (anew["f"], len(unpacked(anew["r"]))) == (1, 200)
    assert client.get("/bench/api/changes?since=x").json == client.get("/bench/api/changes").json


def test_what_is_long_is_compressed(bench: World) -> None:
    """For who takes gzip: 200 devices whose names are not their ids, in less than 8 KB."""
    for name, row in bench.desk.devices.items():
        bench.desk.devices[name] = replace(row, name=f"warehouse-{name}", note="shelf 4, left")
    client = bench.client()
    plain = client.get("/bench/api/changes")
    small = client.get("/bench/api/changes", headers={"Accept-Encoding": "gzip, deflate"})
    number = (plain.json or {})["n"]
    none = client.get(f"/bench/api/changes?since={number}", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) <= 8 * 1024 < len(plain.data)
    assert gzip.decompress(small.data) == plain.data
    assert "Content-Encoding" not in none.headers


def test_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    """Squares and table alike, whatever has changed last."""
    desk = FakeDesk()
    for name in ("lamp-10", "lamp-9", "lamp-100", "Lamp", ""):
        desk.expect(name or "7", name=name)
    client = world(tmp_path, desk).client()
    document = client.get("/bench/api/changes").json or {}

    assert ids(document) == ["7", "Lamp", "lamp-9", "lamp-10", "lamp-100"]
    text = client.get("/bench").text
    assert text.index(">lamp-9 ") < text.index(">lamp-10 ") < text.index(">lamp-100 ")


def test_a_card_says_what_helps(bench: World) -> None:
    """The reason, the remedy, what the device said, and the buttons."""
    text = bench.client().get("/bench/api/needs").text

    for words in ("Not enough room", "smaller image", "needs 1 500 000 bytes", "Retry: lamp-017"):
        assert words in text
    assert text.count("<li class=card") == 6


@pytest.mark.parametrize(
    ("query", "count"), [("", "200"), ("?group=f", "3"), ("?q=lamp-01", "10"), ("?group=x", "200")]
)
def test_the_list(bench: World, query: str, count: str) -> None:
    """All, of one group, by a word."""
    assert f"<p>{count} device" in bench.client().get(f"/bench/devices{query}").text


def test_the_list_has_pages(bench: World) -> None:
    """Fifty each, and the way on."""
    text = bench.client().get("/bench/devices?page=4").text

    assert "page 4 of 4" in text
    assert "page=3" in text
    assert "page=5" not in text
    assert bench.client().get("/bench/devices?page=99").status_code == 200


@pytest.mark.parametrize(
    "text",
    ["lamp-017", "0070017", "LAMP-017", "http://100.64.64.1/d/C0017", "C0017",
     "http://100.64.64.1/d/lamp%2D017"],
)  # fmt: skip
def test_scanned(bench: World, text: str) -> None:
    """A name, a serial, a claim code, the label's own URL: straight to the device."""
    answer = bench.client().get("/bench/find", query_string={"q": text})

    assert answer.location == "http://100.64.64.1/bench?d=lamp-017"


def test_scanned_what_may_be_several(bench: World) -> None:
    """To the list of them."""
    answer = bench.client().get("/bench/find?q=lamp-01")

    assert answer.location == "http://100.64.64.1/bench/devices?q=lamp-01"


def test_a_labels_code_leads_to_its_device(bench: World) -> None:
    """For who is signed in; a code that nobody has says so."""
    client = bench.client()
    assert client.get("/d/C0003").location.endswith("/bench/claim/C0003")
    assert client.get("/bench/claim/C0003").location.endswith("/bench?d=lamp-003")
    # The label of one without a code has its id.
    assert client.get("/bench/claim/lamp-003").location.endswith("/bench?d=lamp-003")
    answer = client.get("/bench/claim/C9999", follow_redirects=True)

    assert "No device here has this code." in answer.text


def test_one_device(bench: World) -> None:
    """How it stands, what helps, its history."""
    text = bench.client().get("/bench?d=lamp-041").text

    for words in ("It rolled back", "0070041", "History", "imported", "I checked it"):
        assert words in text
    # One after the other, without going back to the wall.
    assert (
        'Next that needs you: <i class="s f" aria-hidden=true></i><a href="/bench?d=lamp-017">'
        in text
    )
    assert bench.client().get("/bench?d=lamp-999").status_code == 404


def test_which_row_is_it(bench: World) -> None:
    """One tap for each that it may be."""
    bench.desk.may_be["lamp-077"] = ["lamp-078"]
    client = bench.client("Ben")
    text = client.get("/bench?d=lamp-077").text
    assert "It is <bdi>lamp-078</bdi>" in text
    client.post("/bench/act", data={"id": "lamp-077", "act": "is", "row": "lamp-078"})

    assert bench.desk.acts == [("lamp-077", "is", "Ben", {"row": "lamp-078"})]


@pytest.mark.parametrize("act", ["retry", "set_aside", "identify", "checked", "release"])
def test_done_in_the_name_of_who_pressed(bench: World, act: str) -> None:
    """And back to where the button stood, with a word about it."""
    form = {"id": "lamp-017", "act": act, "back": "/bench"}
    answer = bench.client("Ben").post("/bench/act", data=form, follow_redirects=True)

    assert bench.desk.acts == [("lamp-017", act, "Ben", {})]
    assert answer.request.path == "/bench"
    assert "lamp-017: " in answer.text


def test_by_a_script(bench: World) -> None:
    """The same as JSON, and 409 where the bench refuses."""
    client = bench.client("Ben")
    headers = {"Accept": "application/json"}
    form = {"id": "lamp-017", "act": "retry"}
    first = client.post("/bench/act", data=form, headers=headers)
    second = client.post("/bench/act", data=form, headers=headers)

    assert (first.status_code, first.json) == (200, {"detail": "lamp-017: retry."})
    assert (second.status_code, second.json) == (
        409,
        {"detail": "Only a device that has failed is tried again."},
    )


def test_a_refusal_is_told_on_the_page(bench: World) -> None:
    """In the bench's own words."""
    form = {"id": "lamp-001", "act": "retry"}
    answer = bench.client().post("/bench/act", data=form, follow_redirects=True)

    assert "Only a device that has failed" in answer.text


@pytest.mark.parametrize("act", ["", "explode", "__class__"])
def test_an_act_that_there_is_not(bench: World, act: str) -> None:
    """400, and nothing done."""
    answer = bench.client().post("/bench/act", data={"id": "lamp-001", "act": act})

    assert answer.status_code == 400
    assert bench.desk.acts == []


def test_a_note_is_bounded(bench: World) -> None:
    """Five hundred characters."""
    form = {"id": "lamp-001", "act": "note", "text": "n" * 900}
    bench.client().post("/bench/act", data=form)

    assert bench.desk.devices["lamp-001"].note == "n" * 500


def test_a_full_disk_is_told(bench: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 in words, for a person and for a script."""

    def full(*_: object, **__: object) -> None:
        raise Unwritable("there is no space left")

    monkeypatch.setattr(bench.desk, "act", full)
    client, form = bench.client(), {"id": "lamp-001", "act": "retry"}
    page = client.post("/bench/act", data=form)
    script = client.post("/bench/act", data=form, headers={"Accept": "application/json"})

    assert (page.status_code, script.status_code) == (503, 503)
    assert "could not be saved" in page.text
    assert script.json


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(tmp_path: Path, name: str) -> None:
    """In every column, on every page: text, and its own page is found."""
    desk = FakeDesk()
    desk.devices[name] = Row(
        name, name, 1, State.FAILED, 1.0, "", name, name, name, 1, 0, 0,
        Reason.DEVICE_REFUSED, name, None, name, name, name,
    )  # fmt: skip
    desk.number = 1
    bench = world(tmp_path, desk)
    client = bench.client()
    pages = ["/bench", "/bench/devices", "/bench/api/needs"]
    texts = [client.get(path).text for path in pages]
    own = client.get("/bench", query_string={"d": name})
    delta = client.get("/bench/api/changes").json

    assert own.status_code == 200
    for text in [*texts, own.text]:
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "49" not in text or name != "{{ 7*7 }}"
    assert delta is not None
    assert ids(delta) == [name]
    # The link on the wall is the one that leads there.
    form = {"id": name, "act": "retry", "back": "/bench"}
    assert client.post("/bench/act", data=form).status_code == 303
    assert desk.acts[0][0] == name


def test_an_empty_bench(tmp_path: Path) -> None:
    """Says that devices show up by themselves."""
    text = world(tmp_path).client().get("/bench").text

    assert "Switch devices on" in text
    assert "All 0 devices" in text


def test_more_than_fit_on_the_wall(tmp_path: Path) -> None:
    """A thousand devices: squares and cards for the first, and the way to the rest."""
    desk = shift(1000)
    for name in list(desk.devices)[:60]:
        desk.devices[name] = replace(desk.devices[name], state=State.FAILED)
    answer = world(tmp_path, desk).client().get("/bench")

    assert len(answer.data) < 60_000
    assert "The other 760" in answer.text
    assert answer.text.count("<li class=card") == 24
