"""How much the shelf may hold."""

from __future__ import annotations

import pytest

from portal.bench.artifacts import quota
from portal.bench.port import Refused


@pytest.mark.parametrize(
    ("held", "free", "limit", "left"),
    [
        (0, 10_000, None, 5_000),
        (5_000, 5_000, None, 0),
        (2_000, 8_000, None, 3_000),
        (0, 1_200, None, 200),
        (0, 900, None, 0),
        (0, 10_000, 7_000, 7_000),
        (6_000, 10_000, 7_000, 1_000),
        (0, 1_500, 7_000, 500),
        (9_000, 1, 7_000, 0),
    ],
)
def test_room(held: int, free: int, limit: int | None, left: int) -> None:
    """Half of what would be free, or what is set; and 1,000 always stay free here."""
    assert quota.room(held, free, limit, kept=1_000) == left


def test_the_refusal_says_the_numbers() -> None:
    """What it has, what there is room for, and what helps."""
    quota.check(800_000_000, 800_000_000)
    words = "This file has 1.2 GB, and there is room for 800.0 MB. Remove files"
    with pytest.raises(Refused, match=words):
        quota.check(1_200_000_000, 800_000_000)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (10**12, "1000.0 GB")],
)
def test_amounts(size: int, words: str) -> None:
    """In powers of ten."""
    assert quota.amount(size) == words
