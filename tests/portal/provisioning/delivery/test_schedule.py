"""Back-off: from a second to an hour, spread by chance, for ever."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.provisioning.delivery.schedule import (
    LONGEST,
    LONGEST_ASKED,
    after_interruption,
    after_refusal,
    seconds,
)

ATTEMPTS = st.integers(1, 10**9)
CHANCE = st.floats(0, 1, exclude_max=True)


@given(ATTEMPTS, CHANCE)
def test_between_a_second_and_an_hour(attempt: int, chance: float) -> None:
    """No wait is shorter than a second or longer than an hour, at any attempt."""
    assert 1 <= seconds(attempt, chance) <= LONGEST


@given(ATTEMPTS, CHANCE)
def test_waits_do_not_shrink(attempt: int, chance: float) -> None:
    """With the same luck the next wait is as long or longer."""
    assert seconds(attempt, chance) <= seconds(attempt + 1, chance)


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [(1, 1, 2), (2, 2, 4), (6, 32, 64), (12, 1800, 3600), (99, 1800, 3600)],
)
def test_the_steps(attempt: int, least: float, most: float) -> None:
    """The wait doubles, and chance spreads it over half its length."""
    assert seconds(attempt, 0.0) == least
    assert seconds(attempt, math.nextafter(1, 0)) == pytest.approx(most)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (None, 1),
        (0, 1),
        (-5, 1),
        (math.nan, 1),
        (30, 30),
        (math.inf, LONGEST_ASKED),
        (1e9, LONGEST_ASKED),
    ],
)
def test_a_backend_may_ask_for_more_time(asked: float | None, wait: float) -> None:
    """Up to a day, and never for less than our own wait."""
    assert after_refusal(1, 0.0, asked) == wait


def test_a_first_interruption_costs_nothing() -> None:
    """After a power cut delivery goes on at once; who keeps falling waits its turn."""
    assert after_interruption(1, 0.5) == 0
    assert [after_interruption(n, 0.0) for n in (2, 3, 4)] == [1, 2, 4]
