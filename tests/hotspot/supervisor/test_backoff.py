"""A child that died starts again soon, then ever later, and soon again once it has lived."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotspot.supervisor import backoff

LIVES = st.floats(min_value=0, max_value=1e9)


def test_the_delays_double_to_half_a_minute() -> None:
    """A program that cannot start is tried ten times in the first minute, then twice a minute."""
    delays = [0.0]
    for _ in range(11):
        delays.append(backoff.delay(delays[-1], lived=0))
    assert delays[1:] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]


def test_a_proven_child_is_forgiven() -> None:
    """One that lived a minute starts again as quickly as at its first death."""
    assert backoff.delay(30.0, lived=60.0) == 0.1
    assert backoff.delay(30.0, lived=59.9) == 30.0


@given(last=st.floats(min_value=0, max_value=30), lived=LIVES)
def test_no_delay_is_none_and_none_is_longer_than_the_longest(last: float, lived: float) -> None:
    """Whatever went before, a death never leads to a busy loop nor to a long silence."""
    assert backoff.FIRST <= backoff.delay(last, lived) <= backoff.LONGEST
