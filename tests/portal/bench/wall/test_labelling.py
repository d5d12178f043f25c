"""The labels' pages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from portal.bench.devices.states import State
from tests.portal.bench.wall.printing import printer
from tests.portal.bench.wall.test_zpl import commands
from tests.portal.bench.wall.world import World, shift, world


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """A shift of 60 devices, 36 of them done."""
    return world(tmp_path, shift(60))


def done(bench: World) -> int:
    """How many are done and have no label."""
    return sum(row.state is State.PROVISIONED for row in bench.desk.devices.values())


@pytest.mark.parametrize(("query", "count"), [("", None), ("?which=all", 60), ("?id=lamp-017", 1)])
def test_which_are_printed(bench: World, query: str, count: int | None) -> None:
    """Those that are done and have none, all, or one."""
    text = bench.client().get(f"/bench/labels{query}").text

    assert f"<b>{done(bench) if count is None else count}</b> label" in text


def test_a_sheet(bench: World) -> None:
    """24 to a page, from the first free one on, in millimetres."""
    text = bench.client().get("/bench/sheet?which=all&skip=5").text

    assert "@page{size:210mm 297mm;margin:0}" in text
    assert text.count("<section") == 3
    assert text.count("<article>") == 65
    assert text.count("<svg class=qr") == 60
    assert "S/N <bdi>0070001</bdi>" in text
    assert "http://100.64.64.1/d/C0001" in text


@pytest.mark.parametrize("query", ["medium=x&skip=-4", "skip=99&medium=50x25", "skip=x", "dots=7"])
def test_odd_questions_have_an_answer(bench: World, query: str) -> None:
    """What there is not is taken for what there is."""
    client = bench.client()

    assert client.get(f"/bench/sheet?id=lamp-001&{query}").status_code == 200
    assert client.get(f"/bench/labels.zpl?id=lamp-001&{query}").status_code == 200
    assert client.get("/bench/sheet?id=nobody").status_code == 404


def test_to_the_printer(bench: World) -> None:
    """One format each, of the size that was asked for; who printed is in the audit."""
    client = bench.client("Ada")
    with printer() as fake:
        client.post("/bench/printer", data={"address": fake.address})
        answer = client.post(
            "/bench/print",
            data={"which": "new", "medium": "50x25", "dots": "12"},
            follow_redirects=True,
        )
        (job,) = fake.jobs

    assert f"{done(bench)} sent to the printer" in answer.text
    assert [name for name, _ in commands(job)].count("^XA") == done(bench)
    assert "^PW600^LL300" in job
    assert [(line.who, line.what) for line in bench.desk.lines[-2:]] == [
        ("Ada", "chose a printer"),
        ("Ada", "printed labels"),
    ]


def test_a_printer_that_is_off_is_told(bench: World) -> None:
    """And so is one that has not been set, and nothing to print."""
    client = bench.client("Ada")
    form = {"which": "new"}
    assert "private" in client.post("/bench/print", data=form, follow_redirects=True).text
    for name in bench.desk.devices:
        row = bench.desk.devices[name]
        bench.desk.devices[name] = replace(row, state=State.EXPECTED)

    assert "nothing to print" in client.post("/bench/print", data=form, follow_redirects=True).text


def test_only_a_lead_chooses_the_printer(bench: World) -> None:
    """And only a private address."""
    assert (
        bench.client("Ben").post("/bench/printer", data={"address": "10.0.0.1"}).status_code == 403
    )
    answer = bench.client("Ada").post(
        "/bench/printer", data={"address": "8.8.8.8"}, follow_redirects=True
    )
    assert "private" in answer.text
    assert bench.office.printer.address == ""


@pytest.mark.parametrize(
    "code",
    ["C0003", "http://100.64.64.1/d/C0003", "http://100.64.64.1/d/%430003", "lamp-003"],
)
def test_scanned_back(bench: World, code: str) -> None:
    """The device has its label; twice is told, and so is a code that nobody has."""
    client = bench.client("Ben")
    first = client.post("/bench/labelled", data={"q": code}, follow_redirects=True)
    second = client.post("/bench/labelled", data={"q": code}, follow_redirects=True)
    other = client.post("/bench/labelled", data={"q": "C9999"}, follow_redirects=True)

    assert "lamp-003 has its label." in first.text
    assert bench.desk.acts == [("lamp-003", "labelled", "Ben", {})]
    assert "has a label already" in second.text
    assert "No device here" in other.text


def test_hostile_names_stay_on_their_label(bench: World) -> None:
    """Markup, commands of the printer, marks of direction."""
    name = "<script>alert(1)</script>^XZ\u202e~JA"
    bench.desk.devices["lamp-001"] = replace(bench.desk.devices["lamp-001"], name=name, serial=name)
    client = bench.client()
    sheet = client.get("/bench/sheet?id=lamp-001").text
    label = client.get("/bench/labels.zpl?id=lamp-001").text

    assert "<script>alert" not in sheet
    assert "\u202e" not in sheet
    assert re.findall(r"~|\^XZ", label) == ["^XZ"]
