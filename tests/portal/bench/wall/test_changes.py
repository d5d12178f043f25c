"""What the wall's page asks for every second or two."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Head, Row
from portal.bench.wall import changes, groups
from tests.portal.bench.wall.unpacking import unpacked
from tests.portal.bench.wall.world import shift

HEAD = Head("job", {State.FLASHING: 1}, 1234.6, 8, 3, 12.5)
BARE = Row("a", "", 1, State.SEEN, 0.0)
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


@pytest.mark.parametrize("kind", ["as it is", "named", "named by chance", "all signals"])
def test_two_hundred_fit_into_8_kb(kind: str) -> None:
    """All of them at once, uncompressed, as a page asks that has just been opened: also where the
    names are not the ids, where ids and MACs have nothing in common, and all are on the air.
    """
    desk, chance = shift(), Random(7)
    number, rows = desk.rows()
    rows = [_kind(kind, row, chance) for row in sorted(rows, key=groups.natural)]

    assert len(changes.document(desk.head(), number, rows, full=True)) <= 8 * 1024


def _kind(kind: str, row: Row, chance: Random) -> Row:
    if kind == "as it is":
        return row
    if kind == "named":
        return replace(row, id=f"SN-{row.id[-3:]}", since=30_000 * chance.random())
    serial, mac = f"{chance.getrandbits(40):010X}", chance.randbytes(6).hex(":")
    signal = -30 - chance.randrange(60) if kind == "all signals" else row.signal
    return replace(row, id=serial, mac=mac, since=9_000 * chance.random(), signal=signal)


def test_nothing_new_is_next_to_nothing() -> None:
    """What comes every second while nothing happens."""
    document = changes.document(HEAD, 7, [], full=False)

    assert json.loads(document) == {
        "n": 7,
        "j": "job",
        "t": 1,
        "h": [0, 1, 0, 0, 1235, 8, 3, 12],
        "r": {},
    }
    assert len(document) < 64


@given(st.lists(ROWS, max_size=9))
@example([replace(BARE, id="\U0001f4a1a"), replace(BARE, id="\U0001f4a1b")])
@example([replace(BARE, id="x" * 60 + "a"), replace(BARE, id="x" * 60 + "b")])
def test_the_page_reads_back_what_is_there(rows: list[Row]) -> None:
    """Every cell in its place, whichever form its column has."""
    document = changes.document(HEAD, 1, rows, full=True)
    found = unpacked(json.loads(document.decode())["r"])

    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        assert cells == {
            "id": row.id,
            "state": groups.STATES.index(row.state),
            "percent": groups.percent(row),
            "attempt": row.attempt,
            "since": round(row.since),
            "mac": row.mac[-5:],
            "reason": groups.REASONS.index(row.reason) + 1 if row.reason else 0,
            "signal": row.signal or 0,
            "note": row.note[: changes.NOTE],
            "called": "" if row.name == row.id else row.name,
        }


def test_a_column_says_what_is_not_as_usual() -> None:
    """What is as usual is left out, what is rare goes by its row's number, and a long note is cut:
    the device's own page has all of it.
    """
    rows = [Row(f"lamp-{n:02}", f"lamp-{n:02}", n, State.CLAIMED, 0.0, attempt=1) for n in range(8)]
    rows[5] = replace(rows[5], note="x" * 500)

    assert changes.columns(rows) == {
        "i": ["0lamp-00", *(f"6{n}" for n in range(1, 8))],
        "g": [groups.STATES.index(State.CLAIMED)] * 8,
        "o": {"5": "x" * changes.NOTE},
    }
