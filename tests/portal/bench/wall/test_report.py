"""What a shift has come to, on the page and for machines."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.manifest.reading import guarded
from portal.bench.port import Event, Row
from portal.bench.wall import report
from portal.bench.wall.groups import Group
from tests.portal.bench.fakes import artifact
from tests.portal.bench.wall.world import World, shift, world

ROW = Row("a", "lamp", 1, State.PROVISIONED, 0.0, product="lamp", version="2.0", attempt=2)


def event(second: int, state: State, who: str = "bench", reason: Reason | None = None) -> Event:
    """Something that happened at this second of a minute."""
    return Event(f"2026-03-01T08:00:{second:02}Z", who, "…", state, 1, reason)


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """A shift of 200 devices."""
    return world(tmp_path, shift())


@pytest.mark.parametrize(
    ("values", "median", "p95"),
    [([], None, None), ([7.0], 7, 7), ([1, 2], 1, 2), (list(range(1, 101)), 50, 95)],
)
def test_percentiles(values: list[float], median: float | None, p95: float | None) -> None:
    """By nearest rank: what a device really took."""
    assert report.percentile(values, 50) == median
    assert report.percentile(values, 95) == p95


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_them(values: list[float], share: int) -> None:
    """And so many in a hundred are not above it."""
    values.sort()
    found = report.percentile(values, share)

    assert found in values
    assert sum(value <= found for value in values) * 100 >= share * len(values)


def test_how_long_a_device_took() -> None:
    """From its first download, through the failed one, to the moment it was done."""
    history = [
        event(1, State.EXPECTED, "manifest"),
        event(10, State.FLASHING),
        event(20, State.FAILED, reason=Reason.DOWNLOAD_STALLED),
        event(30, State.QUEUED, "Ben"),
        event(31, State.FLASHING),
        event(45, State.PROVISIONED, "device"),
    ]
    files = [artifact(), artifact(b"x", version="1.9")]
    made = report.made([(ROW, history)], files)

    (line,) = made.lines
    assert (line.seconds, line.people) == (35.0, ("Ben",))
    assert (made.median, made.p95) == (35.0, 35.0)
    assert made.failures == [(Reason.DOWNLOAD_STALLED, 1)]
    assert made.files == [artifact()]
    assert made.counts[Group.DONE] == 1
    assert (made.begun[-3:], made.ended[-3:]) == ("10Z", "45Z")


@pytest.mark.parametrize(
    "history",
    [
        [],
        [event(10, State.FLASHING)],
        [event(40, State.FLASHING), event(10, State.PROVISIONED)],
        [replace(event(10, State.FLASHING), at="soon"), event(40, State.PROVISIONED)],
    ],
)
def test_no_time_where_there_is_none(history: list[Event]) -> None:
    """Not done, never begun, or by a clock that was put back."""
    made = report.made([(ROW, history)], [])

    assert made.lines[0].seconds is None
    assert made.median is None


def test_the_page(bench: World) -> None:
    """Counts, durations, reasons, files with hash and signer, the audit's head, every device."""
    text = bench.client("Ben").get("/bench/report?place=Hall%204").text

    for words in (
        "Hall 4", "by <bdi>Ben</bdi>", "Not enough room", "signed by <bdi>office</bdi>",
        bench.desk.shelf[0].sha256, bench.desk.lines[-1].digest, "median", 'aria-label="vestibule-',
    ):  # fmt: skip
        assert words in text
    assert text.count("<tr><th scope=row>") == 200
    assert "Workshop 2" in bench.client().get("/bench/report").text


def test_csv_and_json_lines_say_the_same(bench: World) -> None:
    """A line a device, in the same order, whatever stands in the columns."""
    bench.desk.devices["lamp-001"] = replace(
        bench.desk.devices["lamp-001"], note='=1+1,"x"\r\n', name="+\u202eévil", serial="007"
    )
    client = bench.client()
    table = client.get("/bench/report.csv")
    lines = [json.loads(line) for line in client.get("/bench/report.jsonl").text.splitlines()]
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"), newline="")))

    assert len(rows) == len(lines) == 200
    for row, line in zip(rows, lines, strict=True):
        for name, value in line.items():
            cell = row[name]
            unguarded = cell[1:] if guarded(str(value)) != str(value) else cell
            assert unguarded == str(value)
    assert table.headers["Content-Disposition"] == 'attachment; filename="report.csv"'


@given(st.text(max_size=40))
def test_no_cell_is_a_formula(text: str) -> None:
    """Not after a spreadsheet has trimmed it either; and what was there can be had again."""
    cell = guarded(text)

    assert not cell.strip(" \t\r\n\u00a0\u3000").startswith(
        ("=", "+", "-", "@", "\uff1d", "\uff0b")
    )
    assert cell.removeprefix("'") == text or cell == text


@pytest.mark.parametrize(
    "text", ["=1", " =1", "+1", "-1", "@a", "\t=1", "'a", "\uff1d1", "\u00a0=1"]
)
def test_what_is_guarded(text: str) -> None:
    """What begins a formula in Excel, LibreOffice or Sheets."""
    assert guarded(text) == f"'{text}"


def test_leading_zeros_and_plain_text_are_left_alone() -> None:
    """The column is text; nothing is added that need not be."""
    assert [guarded(text) for text in ("007", "lamp-1", "", "a=b")] == [
        "007", "lamp-1", "", "a=b",
    ]  # fmt: skip
