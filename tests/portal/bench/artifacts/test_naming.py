"""Names that strangers give."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts.naming import MOST, file_name, word
from portal.bench.port import Refused


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("fw.bin", "fw.bin"),
        ("fw-1.4.2+rc1~b.bin.gz", "fw-1.4.2+rc1~b.bin.gz"),
        ("Füße & Co (1).bin", "Fu-e-Co-1-.bin"),
        ("ファーム.swu", "swu"),
        ("-rf", "rf"),
        (".htaccess", "htaccess"),
        ("a" * 240 + ".bin", "a" * 84 + ".bin"),
        ("x." + "b" * 200, "x." + "b" * 15),
        ("100%.bin", "100-.bin"),
        ('a";b.bin', "a-b.bin"),
        ("日本", "file"),
    ],
)
def test_unusual_names(given_name: str, name: str) -> None:
    """Written otherwise, so that a URL needs no escape."""
    assert file_name(given_name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "...", "../etc/passwd", "/etc/passwd", "a/b", "..\\..\\x", "C:\\x.bin",
        "fw\0.bin", "fw\n.bin", "fw\x7f.bin", "fw\u202enib.bin", "fw\u200b.bin", "\udcff",
        "a" * 256, "ü" * 128,
    ],
)  # fmt: skip
def test_tricks(name: str) -> None:
    """Refused, in words."""
    with pytest.raises(Refused, match=r"name"):
        file_name(name)


@given(st.text(max_size=300))
def test_whatever_comes_fits_a_url(name: str) -> None:
    """A name that is taken is short, plain, and no special one."""
    try:
        found = file_name(name)
    except Refused:
        return
    assert re.fullmatch(r"[A-Za-z0-9_+][A-Za-z0-9._~+-]*", found)
    assert len(found) <= MOST


@pytest.mark.parametrize("bad", ["", "two words", "a/b", "ü", "-x", ".", "x" * 65, "a\n"])
def test_words(bad: str) -> None:
    """A product or a version is one plain word."""
    assert word("version", "1.4.2+rc1~b") == "1.4.2+rc1~b"
    with pytest.raises(Refused, match="The version must be one word"):
        word("version", bad)
