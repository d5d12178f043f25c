"""Rows off the pages of a real file, and of any other bytes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.provisioning.repair.salvage import PAGE, Row, rows

VALUES: list[tuple[object, ...]] = [
    (None, 0, 1, -1),
    (127, 128, -32_769, 8_388_608),
    (2**31, 2**47, -(2**63), 1.5),
    ("", "text", "ü" * 50, b""),
    (b"x" * 5_000, "y" * 20_000, 3, b"\x00"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with a table of every kind of value, some of them on several pages."""
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (a, b, c, d)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", VALUES)
        connection.execute("CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID")
        connection.executemany("INSERT INTO w VALUES (?, ?)", [(str(n), n) for n in range(900)])
    return path


def test_every_row_of_a_sound_file(file: Path) -> None:
    """SQLite's own values come back, from leaves, from inside of an index, from further pages."""
    found = list(rows(file.read_bytes()))

    for number, values in enumerate(VALUES, 1):
        assert Row(number, values) in found  # type: ignore[arg-type]
    assert {row.values for row in found if len(row.values) == 2} == {
        (str(n), n) for n in range(900)
    }


def test_without_its_first_page(file: Path) -> None:
    """No header, no schema: the rows are where they were."""
    octets = file.read_bytes()

    assert len(list(rows(bytes(PAGE) + octets[PAGE:]))) > 900


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from([0x0D, 0x0A, 0x02, 0x05]),
    start=st.binary(max_size=64),
    octets=st.binary(max_size=3 * PAGE),
)
def test_any_bytes(kind: int, start: bytes, octets: bytes) -> None:
    """Whatever there is, rows come out or none; nothing is raised, and it ends."""
    for row in rows(bytes(PAGE) + bytes([kind]) + start + octets):
        assert isinstance(row, Row)
