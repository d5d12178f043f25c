"""What stands beside each file on the shelf."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts import index
from portal.bench.artifacts.index import Damaged
from portal.bench.port import Artifact


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_no_index(text: bytes) -> None:
    """Whatever stands in an index is one or is Damaged."""
    with pytest.raises(Damaged):
        index.read(text)


@given(
    key=st.sampled_from(["sha256", "md5", "size", "head", "number", "name", "signer"]),
    value=st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
)
def test_an_index_with_another_value(key: str, value: object) -> None:
    """Reads as what it says, or is Damaged."""
    made = Artifact("a" * 64, "b" * 40, "c" * 32, 5, "fw.bin", "x", "1", b"\xe9", "me")
    entry = index.Entry(made, 1, 2)
    assert index.read(index.written(entry)) == entry
    values = json.loads(index.written(entry)) | {key: value}
    try:
        found = index.read(json.dumps(values).encode())
    except Damaged:
        return
    assert json.loads(index.written(found)) == values
