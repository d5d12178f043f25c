"""A child's output becomes bounded, harmless lines that carry its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.supervisor.lines import LONGEST, MOST, Lines, printable


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"one\ntwo\n", ["dnsd: one", "dnsd: two"]),
        (b"\n", ["dnsd: "]),
        (b"windows\r\n", ["dnsd: windows"]),
        (b"tab\tbed\n", ["dnsd: tab     bed"]),
        (b"dnsd: named itself\n", ["dnsd: named itself"]),
        ("Café\n".encode(), ["dnsd: Café"]),
        (b"\xff\xfe\n", ["dnsd: \\xff\\xfe"]),
        (b"\x1b[2Jgone\x07\n", ["dnsd: \\x1b[2Jgone\\x07"]),
        ("\u202eevil\n".encode(), ["dnsd: \\u202eevil"]),
        (b"x" * (LONGEST + 3) + b"\n", ["dnsd: " + "x" * LONGEST, "dnsd: xxx"]),
        (b"no end", []),
    ],
)
def test_lines_as_they_are_shown(written: bytes, lines: list[str]) -> None:
    """Each shape of line, whole, is shown once and in one piece."""
    assert Lines("dnsd").feed(written, now=0) == lines


def test_a_last_line_without_an_end_is_not_lost() -> None:
    """The last words of a child that dies in the middle of a line are shown."""
    lines = Lines("dnsd")
    assert lines.feed(b"fatal: no", now=0) == []
    assert lines.close() == ["dnsd: fatal: no"]


def test_a_line_that_never_ends_is_cut() -> None:
    """Memory stays bounded however long a child writes without a newline."""
    lines = Lines("a")
    shown = [line for now in range(30) for line in lines.feed(b"x" * 1000, now)]
    assert shown == ["a: " + "x" * LONGEST] * 14


def test_a_flood_is_thinned_and_counted() -> None:
    """Within a second only so many lines are shown; how many were left out is told."""
    lines = Lines("a")
    assert len(lines.feed(b"x\n" * 5000, now=1.0)) == MOST
    assert lines.feed(b"y\n", now=1.9) == []
    assert lines.feed(b"z\n", now=2.0) == [f"a: ({5001 - MOST} lines left out)", "a: z"]
    assert lines.feed(b"x\n" * 200, now=2.5)[0] == "a: x"
    assert lines.close() == ["a: (101 lines left out)"]


@given(st.lists(st.binary(max_size=300)))
def test_pieces_make_the_same_lines_as_the_whole(pieces: list[bytes]) -> None:
    """However the kernel cuts the output, the lines are the same."""
    whole, piecewise = Lines("a"), Lines("a")
    shown = [line for piece in pieces for line in piecewise.feed(piece, now=0)]
    expected = whole.feed(b"".join(pieces), now=0)
    assert shown + piecewise.close() == expected + whole.close()


@given(st.binary())
def test_nothing_moves_a_cursor(data: bytes) -> None:
    """No byte a child can write reaches the terminal as a control character."""
    lines = Lines("a")
    assert all(line.isprintable() for line in [*lines.feed(data, now=0), *lines.close()])


@given(st.text())
def test_printable_text_stays(text: str) -> None:
    """What is printable is left alone, the rest can be read back."""
    assert printable(text).isprintable()
    assert printable(text) == text or not text.isprintable()
