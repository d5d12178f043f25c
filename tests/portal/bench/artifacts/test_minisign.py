"""What is a signature, what is a key, and what is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts import minisign
from portal.bench.artifacts.minisign import Malformed

# Made by minisign 0.11: a key, and its signature of a file.
KEY = """untrusted comment: minisign public key 6F1628BD6135C3C1
RWTBwzVhvSgWbxG1s/7JRSdgptpFRYe5cUykuR+BNChSHWdJbzTs0aGx
"""
SIGNATURE = b"""untrusted comment: signature from minisign secret key
RUTBwzVhvSgWb/2OxKQcmbrafnMlU+zc4NqKsJVDE+Lk4xvTMzMl3HZzXvrOBt4jcDG1ZYWVjrnaqnlScbXvxSaMUEo2t5p5nQs=
trusted comment: product:lamp version:2.0
ANPIrnSWnbjJv6Z7UYvUc6dE0MNDdVQ8TC1aGfeuuAkBi2s0yNzCgZcGl/MYnPhuZl2PqrlKcFHXBH5Qo9nSAA==
"""


def test_what_minisign_writes() -> None:
    """Both say by the same number which key it is; the comment's words are read."""
    key, signature = minisign.public_key(KEY), minisign.signature(SIGNATURE)

    assert key.id[::-1].hex().upper() == "6F1628BD6135C3C1"
    assert signature.key_id == key.id
    assert signature.prehashed
    assert minisign.named(signature.comment) == {"product": "lamp", "version": "2.0"}


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (
            "timestamp:1700000000\tfile:fw.bin\thashed",
            {"timestamp": "1700000000", "file": "fw.bin"},
        ),
        ("Product:x  version:1:2 : a: :b", {"product": "x", "version": "1:2", "": "b"}),
        ("", {}),
    ],
)
def test_words_of_a_comment(comment: str, said: dict[str, str]) -> None:
    """Words with a colon and a value, between blanks and tabs."""
    assert minisign.named(comment) == said


@given(place=st.integers(0, len(SIGNATURE) - 1), byte=st.integers(0, 255))
def test_another_byte(place: int, byte: int) -> None:
    """Another comment is another signature; anything else is one, or Malformed."""
    text = SIGNATURE[:place] + bytes([byte]) + SIGNATURE[place + 1 :]
    try:
        found = minisign.signature(text)
    except Malformed:
        return
    same, row = found == minisign.signature(SIGNATURE), SIGNATURE[:place].count(b"\n")
    # The first line counts for nothing; the bits that fill up Base64's last letter neither.
    assert same or row > 0
    assert not same or row != 2 or text == SIGNATURE


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_signature(text: bytes) -> None:
    """Whatever is given for a signature is one or is Malformed."""
    try:
        found = minisign.signature(text)
    except Malformed:
        return
    assert len(found.signature) == len(found.sealed) == 64


@given(st.text(max_size=200))
def test_no_key(text: str) -> None:
    """Whatever is given for a key is one or is Malformed."""
    try:
        found = minisign.public_key(text)
    except Malformed:
        return
    assert len(found.key) == 32


@pytest.mark.parametrize(
    "text",
    [b"", b"\n" * 4, b"untrusted comment: x\nQUJD\ntrusted comment: y\nQUJD\n", b"x" * 40_000],
)
def test_malformed(text: bytes) -> None:
    """Each says what is the matter."""
    with pytest.raises(Malformed, match=r"signature|four lines"):
        minisign.signature(text)
