"""A simulated device hears HTTP as it comes, in whatever pieces."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from portal.bench.simulators.hearing import KEPT, Hearing


def answer(body: bytes, length: int | None = None, status: int = 200) -> bytes:
    """An answer on the wire."""
    said = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Length: {said}\r\nX-MD5: ab\r\n\r\n".encode() + body


@given(body=st.binary(max_size=300), cuts=st.lists(st.integers(1, 50), max_size=40))
def test_pieces_make_no_difference(body: bytes, cuts: list[int]) -> None:
    """The same answer, however it is cut up on its way."""
    wire, hearing = answer(body), Hearing()
    for cut in [*cuts, len(wire)]:
        if wire and not hearing.over:
            hearing.heard(wire[:cut])
            wire = wire[cut:]

    found = hearing.answer()
    assert hearing.over
    assert (found.status, found.body, found.whole) == (200, body, True)
    assert found.headers["x-md5"] == "ab"
    assert found.sha256 == hashlib.sha256(body).hexdigest()


@given(st.binary(max_size=600))
def test_any_bytes_are_heard(data: bytes) -> None:
    """No server is too odd."""
    hearing = Hearing(limit=10)
    hearing.heard(data)

    assert hearing.answer().length <= 10


def test_a_line_that_is_cut_is_not_whole() -> None:
    """After so many bytes; a long body is kept only in its beginning."""
    cut, long = Hearing(limit=7), Hearing()
    cut.heard(answer(b"firmware"))
    long.heard(answer(b"x" * (KEPT + 5)))

    assert (cut.over, cut.answer().length, cut.answer().whole) == (True, 7, False)
    assert (long.answer().whole, len(long.answer().body)) == (True, KEPT)


def test_nothing_is_nothing() -> None:
    """A server that is not there has status 0; 304 has no body, whatever its head says."""
    silent, unchanged = Hearing(), Hearing()
    unchanged.heard(answer(b"", 500, status=304))

    assert (silent.answer().status, silent.answer().whole) == (0, False)
    assert unchanged.over
    assert unchanged.answer().whole
