"""What the wall's page asks for every second or two."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Head, Row
from portal.bench.wall import changes, groups
from tests.portal.bench.wall.world import shift

HEAD = Head("job", {State.FLASHING: 1}, 1234.6, 8, 3, 12.5)
TEXT = st.text(max_size=64)
ROWS = st.builds(
    Row,
    id=TEXT,
    name=TEXT,
    number=st.integers(0, 2**31),
    state=st.sampled_from(State),
    since=st.floats(0, 1e6),
    mac=st.sampled_from(["", "a4:cf:12:00:00:07"]),
    attempt=st.integers(0, 99),
    acknowledged=st.integers(0, 2**32),
    size=st.integers(0, 2**32),
    reason=st.none() | st.sampled_from(Reason),
    signal=st.none() | st.integers(-100, 0),
    note=TEXT,
)


def test_two_hundred_fit_into_8_kb() -> None:
    """All of them at once, as a page asks that has just been opened."""
    desk = shift()
    number, rows = desk.rows()

    assert len(changes.document(desk.head(), number, rows, full=True)) <= 8 * 1024


def test_nothing_new_is_next_to_nothing() -> None:
    """What comes every second while nothing happens."""
    document = changes.document(HEAD, 7, [], full=False)

    assert json.loads(document) == {
        "n": 7,
        "j": "job",
        "t": 1,
        "h": [0, 1, 0, 0, 1235, 8, 3, 12],
        "r": [],
    }
    assert len(document) < 64


@given(ROWS)
def test_the_page_reads_back_what_is_there(row: Row) -> None:
    """Every cell in its place, also where the last ones were left out."""
    document = changes.document(HEAD, 1, [row], full=True)
    cells = json.loads(document.decode())["r"][0]
    cells += ["", 0, 0, 0, 0, "", 0, 0, "", ""][len(cells) :]

    state, percent, attempt = cells[1:4]
    assert cells[0] == row.id
    assert groups.STATES[state] is row.state
    assert percent == groups.percent(row)
    assert attempt == row.attempt
    assert cells[4] == round(row.since)
    assert cells[5] == row.mac[-5:]
    assert (cells[6] and groups.REASONS[cells[6] - 1]) == (row.reason or 0)
    assert cells[7] == (row.signal or 0)
    assert cells[8] == row.note[: changes.NOTE]
    assert (cells[9] or row.id) == (row.name or row.id)


def test_a_long_note_is_cut() -> None:
    """The device's own page has all of it."""
    row = Row("a", "b", 1, State.FAILED, 0.0, note="x" * 500)

    assert changes.row_of(row)[8:] == ["x" * changes.NOTE, "b"]
    assert changes.row_of(replace(row, name="a", note="")) == ["a", 12]
