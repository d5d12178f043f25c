"""The strict reader: what it takes, and what it must not take."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.answers import Answers, Broken
from tests.clients.asking import Exchange, Failure
from tests.clients.canned import answer

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def reader(data: bytes, size: int = 1 << 20) -> Answers:
    """A reader of `data`, that gets at most `size` bytes at once."""
    parts = iter([data[at : at + size] for at in range(0, len(data), size)])
    return Answers(lambda: next(parts, b""))


@given(st.lists(st.binary(max_size=80), max_size=4), st.integers(1, 60))
def test_answers_in_a_row(bodies: list[bytes], size: int) -> None:
    """However the bytes are split, each answer is read whole, and nothing is left."""
    answers = reader(b"".join(answer(200, body) for body in bodies), size)

    assert [answers.next().body for _ in bodies] == bodies
    assert answers.end() == b""


@given(st.binary(max_size=80))
def test_no_bytes_crash_it(data: bytes) -> None:
    """Only `Broken` escapes."""
    for start in (b"", HEAD, CHUNKED):
        with contextlib.suppress(Broken):
            assert isinstance(reader(start + data).next(), Exchange)


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\nok", b"ok"),
        (HEAD + b"\r\nto the end", b"to the end"),
        (CHUNKED + b"2\r\nok\r\nA\r\n0123456789\r\n0\r\n\r\n", b"ok0123456789"),
        (b"HTTP/1.0 204 No Content\r\n\r\n", b""),
    ],
)
def test_framings(data: bytes, body: bytes) -> None:
    """By length, by chunks, by the end of the stream, or none."""
    assert reader(data).next().body == body


def test_a_head_has_no_body() -> None:
    """The length it declares is that of the GET."""
    answers = reader(HEAD + b"Content-Length: 2\r\n\r\n")

    assert answers.next(head=True) == Exchange(200, (("Content-Length", "2"),), b"")
    assert answers.end() == b""


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"", Failure.LOST),
        (b"HTTP/1.1 200 O", Failure.LOST),
        (HEAD + b"Content-Length: 3\r\n\r\nok", Failure.LOST),
        (CHUNKED + b"2\r\nok\r\n", Failure.LOST),
        (CHUNKED + b"2 \r\nok\r\n0\r\n\r\n", Failure.GARBLED),
        (CHUNKED + b"2\r\nokay\r\n0\r\n\r\n", Failure.GARBLED),
        (HEAD + b"Content-Length: -1\r\n\r\n", Failure.GARBLED),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", Failure.GARBLED),
        (HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", Failure.GARBLED),
        (HEAD + b"Header : x\r\n\r\n", Failure.GARBLED),
        (HEAD + b"A: b\n\r\n\r\n", Failure.GARBLED),
        (b"ICY 200 OK\r\n\r\n", Failure.GARBLED),
    ],
)
def test_what_is_no_answer(data: bytes, failure: Failure) -> None:
    """Truncated, or not HTTP."""
    with pytest.raises(Broken) as broken:
        reader(data).next()

    assert broken.value.failure is failure
    assert broken.value.at_once is (data == b"")
