"""Pieces that touch or overlap are one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.door.pieces import together

_PIECES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda p: (p[0], p[0] + p[1]))
)


@given(_PIECES)
def test_the_same_bytes_in_fewer_pieces(pieces: list[tuple[int, int]]) -> None:
    """Not a byte more or less, in order, none touching the next."""
    joined = together(pieces)

    assert {b for p in joined for b in range(*p)} == {b for p in pieces for b in range(*p)}
    assert all(one[1] < other[0] for one, other in pairwise(joined))
