"""Which bytes a request gets, by RFC 9110."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts.ranges import Conditions, choose, specs

TAG = '"0123abcd"'


@pytest.mark.parametrize(
    ("field", "status", "offset", "length"),
    [
        ("", 200, 0, 1000),
        ("bytes=0-", 206, 0, 1000),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=1-2", 206, 1, 2),
        ("bytes=999-", 206, 999, 1),
        ("bytes=0-99999", 206, 0, 1000),
        ("bytes=-1", 206, 999, 1),
        ("bytes=-1000", 206, 0, 1000),
        ("bytes=-5000", 206, 0, 1000),
        ("Bytes=5-9", 206, 5, 5),
        (" bytes=5-9 ", 206, 5, 5),
        ("bytes=0-9, 10-19", 206, 0, 20),
        ("bytes=10-19,0-9", 206, 0, 20),
        ("bytes=0-500,400-", 206, 0, 1000),
        ("bytes=,5-9,,", 206, 5, 5),
        ("bytes=5-9,2000-", 206, 5, 5),
        # Several that do not touch: the whole.
        ("bytes=0-9,20-29", 200, 0, 1000),
        ("bytes=0-0,-1", 200, 0, 1000),
        # Nothing of it there.
        ("bytes=1000-", 416, 0, 0),
        ("bytes=1000-2000,3000-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=999999999999999999-", 416, 0, 0),
        # Not in the grammar, or another unit: as if it were not there.
        ("bytes=", 200, 0, 1000),
        ("bytes=-", 200, 0, 1000),
        ("bytes=a-b", 200, 0, 1000),
        ("bytes=9-5", 200, 0, 1000),
        ("bytes=0-9,9-5", 200, 0, 1000),
        ("bytes=5", 200, 0, 1000),
        ("bytes=--5", 200, 0, 1000),
        ("bytes=+5-9", 200, 0, 1000),
        ("bytes=5 -9", 200, 0, 1000),
        ("bytes = 5-9", 200, 0, 1000),
        ("bytes=0x5-9", 200, 0, 1000),
        ("bytes=\u0665-\u0669", 200, 0, 1000),
        ("bytes=1000000000000000000-", 200, 0, 1000),
        ("items=0-5", 200, 0, 1000),
        ("bytes 0-5", 200, 0, 1000),
        ("bytes=" + "0-0," * 200, 200, 0, 1000),
    ],
)
def test_ranges(field: str, status: int, offset: int, length: int) -> None:
    """Every form of a Range of a file of 1,000 bytes."""
    part = choose(1000, TAG, Conditions(range=field))

    assert (part.status, part.offset, part.length) == (status, offset, length)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Conditions(range="bytes=5-", if_range=TAG), 206),
        (Conditions(range="bytes=5-", if_range=f" {TAG} "), 206),
        (Conditions(range="bytes=5-", if_range='"other"'), 200),
        (Conditions(range="bytes=5-", if_range=f"W/{TAG}"), 200),
        (Conditions(range="bytes=5-", if_range="Wed, 21 Oct 2015 07:28:00 GMT"), 200),
        (Conditions(range="bytes=2000-", if_range='"other"'), 200),
        (Conditions(if_none_match=TAG), 304),
        (Conditions(if_none_match=f'"other", W/{TAG}'), 304),
        (Conditions(if_none_match="*"), 304),
        (Conditions(if_none_match='"other"'), 200),
        (Conditions(if_none_match=TAG.strip('"')), 200),
        (Conditions(if_match=TAG), 200),
        (Conditions(if_match="*"), 200),
        (Conditions(if_match=f'"other",{TAG}'), 200),
        (Conditions(if_match='"other"'), 412),
        (Conditions(if_match=f"W/{TAG}"), 412),
        (Conditions(if_match='"other"', if_none_match=TAG), 412),
        (Conditions(range="bytes=5-", if_none_match=TAG), 304),
        (Conditions(range="bytes=5-", if_match=TAG), 206),
    ],
)
def test_preconditions(asked: Conditions, status: int) -> None:
    """In the order of RFC 9110 13.2.2."""
    assert choose(1000, TAG, asked).status == status


def test_head_has_no_range() -> None:
    """A Range means nothing with HEAD (RFC 9110 14.2)."""
    part = choose(1000, TAG, Conditions(range="bytes=5-9"), is_get=False)

    assert (part.status, part.length) == (200, 1000)


def test_content_range() -> None:
    """What is said of a part, and of what is not there."""
    assert choose(1000, TAG, Conditions(range="bytes=5-9")).content_range(1000) == "bytes 5-9/1000"
    assert choose(1000, TAG, Conditions(range="bytes=1000-")).content_range(1000) == "bytes */1000"
    assert not choose(1000, TAG, Conditions()).content_range(1000)


@given(size=st.integers(1, 10**9), asked=st.text(max_size=600), rest=st.text(max_size=40))
def test_whatever_comes_stays_inside(size: int, asked: str, rest: str) -> None:
    """No text makes a part that is not in the file, or raises."""
    for field in (asked, f"bytes={asked}", f"bytes={rest}"):
        part = choose(size, TAG, Conditions(field, rest, "", asked))
        if part.status in {200, 206}:
            assert 0 <= part.offset < part.offset + part.length <= size
        specs(field)


_SPEC = st.one_of(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: (p[0], p[0] + p[1])),
    st.tuples(st.integers(0, 60), st.none()),
    st.tuples(st.none(), st.integers(0, 60)),
)


def _said(spec: tuple[int | None, int | None]) -> str:
    first, last = spec
    return f"{'' if first is None else first}-{'' if last is None else last}"


@given(size=st.integers(1, 50), wanted=st.lists(_SPEC, min_size=1, max_size=4))
def test_what_is_sent_is_what_was_asked_for(
    size: int, wanted: list[tuple[int | None, int | None]]
) -> None:
    """Byte by byte: the union of the ranges if it is one piece, else the whole; 416 if empty."""
    asked: set[int] = set()
    for first, last in wanted:
        if first is None:
            asked |= set(range(size)[-(last or 0) :]) if last else set()
        else:
            asked |= set(range(size)[first : None if last is None else last + 1])
    part = choose(size, TAG, Conditions(range="bytes=" + ",".join(map(_said, wanted))))
    sent = set(range(part.offset, part.offset + part.length))

    if not asked:
        assert part.status == 416
    elif max(asked) - min(asked) + 1 == len(asked):
        assert (part.status, sent) == (206, asked)
    else:
        assert (part.status, sent) == (200, set(range(size)))
