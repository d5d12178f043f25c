"""How often one client may ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.form.limits import MOST_CLIENTS, Limit, TooSoon

PHONE = "100.64.64.20"


def passes(limit: Limit, now: float, client: str = PHONE) -> bool:
    """Whether it may ask."""
    try:
        limit.take(client, now)
    except TooSoon:
        return False
    return True


def test_some_at_once_then_one_every_so_often() -> None:
    """Three, then one each 20 s; whoever waits long has three again, and not more."""
    limit = Limit(3, 20.0)

    assert [passes(limit, 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert [passes(limit, 20.0) for _ in range(2)] == [True, False]
    assert [passes(limit, 39.9), passes(limit, 40.0)] == [False, True]
    assert [passes(limit, 9_000.0) for _ in range(4)] == [True, True, True, False]


def test_the_wait_is_told() -> None:
    """And it is enough."""
    limit = Limit(1, 20.0)
    limit.take(PHONE, 5.0)
    with pytest.raises(TooSoon) as refused:
        limit.take(PHONE, 10.5)

    assert refused.value.seconds == 15
    assert passes(limit, 10.5 + refused.value.seconds)


def test_each_client_for_itself() -> None:
    """One that asks all the time keeps nobody else from asking."""
    limit = Limit(1, 20.0)
    for _ in range(10):
        passes(limit, 0.0)

    assert passes(limit, 0.0, "100.64.64.21")


def test_a_crowd_does_not_fill_the_memory() -> None:
    """The one that asked longest ago makes room."""
    limit = Limit(1, 20.0)
    for number in range(MOST_CLIENTS + 1):
        limit.take(f"client {number}", 0.0)

    assert passes(limit, 0.0, "client 0")
    assert not passes(limit, 0.0, f"client {MOST_CLIENTS}")


@given(
    st.integers(1, 5),
    st.sampled_from([1.0, 20.0]),
    st.lists(st.floats(0, 30), min_size=1, max_size=60),
)
def test_no_more_than_promised(burst: int, seconds: float, pauses: list[float]) -> None:
    """In any stretch of time: the burst, and one for each of the seconds in it."""
    limit, now, passed = Limit(burst, seconds), 0.0, []
    for pause in pauses:
        now += pause
        if passes(limit, now):
            passed.append(now)
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            allowed = burst + (passed[last] - start) / seconds
            assert last - first + 1 <= allowed + 1e-6
