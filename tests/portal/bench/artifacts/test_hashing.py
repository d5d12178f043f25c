"""Digests that grow with what is written."""

from __future__ import annotations

import hashlib
import io

from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts.hashing import Hashing, sums_of


@given(st.lists(st.binary(max_size=100), max_size=10))
def test_in_whatever_pieces(pieces: list[bytes]) -> None:
    """The digests are those of the whole, as hashlib has them."""
    hashing, data = Hashing(), b"".join(pieces)
    for piece in pieces:
        hashing.update(piece)
    sums = hashing.sums()

    assert sums == sums_of(io.BytesIO(data))
    assert sums.size == len(data)
    assert sums.sha256 == hashlib.sha256(data).hexdigest()
    assert sums.sha1 == hashlib.sha1(data, usedforsecurity=False).hexdigest()
    assert sums.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()
