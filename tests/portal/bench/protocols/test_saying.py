"""What devices say of themselves: what cannot be meant is nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.protocols import saying


@pytest.mark.parametrize(
    "text", ["A0:B1:c2:03:04:05", "a0-b1-c2-03-04-05", "a0b1.c203.0405", " A0B1C2030405 "]
)
def test_a_mac_in_every_notation(text: str) -> None:
    """Small letters and colons, whatever it came as."""
    assert saying.mac(text) == "a0:b1:c2:03:04:05"


@pytest.mark.parametrize("text", ["", "a0:b1", "a0:b1:c2:03:04:0g", "a0b1c20304", "a" * 5000])
def test_no_mac(text: str) -> None:
    """Nothing is made of what is none."""
    assert saying.mac(text) == ""


@given(st.text() | st.integers() | st.none() | st.lists(st.text()) | st.binary())
def test_words_are_printable_and_short(value: object) -> None:
    """Whatever a device sends."""
    assert saying.mac(saying.word(value)) == "" or re.fullmatch("[0-9a-f:]{17}", str(value).lower())
    assert saying.word(value).isprintable()
    assert len(saying.word(value)) <= saying.LONGEST
    number = saying.number(value)
    assert number is None or 0 <= number < 10**13
    log = saying.log(value)
    assert len(log.encode()) <= 4096
    assert "\x1b" not in log
    assert "\0" not in log


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=60))
def test_attributes_are_bounded(values: dict[str, object]) -> None:
    """So many, so long, and printable."""
    kept = saying.attributes(values)

    assert len(kept) <= saying.MOST
    assert all(name and value and (name + value).isprintable() for name, value in kept.items())
    assert all(len(name) <= 64 and len(value) <= 256 for name, value in kept.items())


def test_of_a_log_the_end_is_kept() -> None:
    """What went wrong is said last; swupdate sends its whole log as a list."""
    log = saying.log([f"line {number}" for number in range(2000)])

    assert log.endswith("line 1999")
    assert len(log) <= 4096
    assert saying.log("one") == "one"
    assert saying.log(7) == ""
    assert saying.number(True) is None
