"""Who submitted what: a page that got lost finds its outcome again, and nobody else's."""

from __future__ import annotations

import pytest

from portal.release.visitors import ANYBODYS, MOST, OWN, Visitors

PHONE, OTHER = "100.64.64.20", "100.64.64.21"
MAC, ANOTHER = "02:00:00:00:01:00", "02:00:00:00:02:00"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """At its beginning."""
    return Clock()


@pytest.fixture
def visitors(clock: Clock) -> Visitors:
    """Nobody yet."""
    return Visitors(clock)


def test_ones_own(visitors: Visitors, clock: Clock) -> None:
    """The last one sent, for an hour."""
    visitors.submitted(PHONE, MAC, "a")
    visitors.submitted(PHONE, MAC, "b")
    assert visitors.own(PHONE, MAC) == visitors.last(PHONE, MAC) == "b"
    assert visitors.own(OTHER, ANOTHER) == ""

    clock.now = OWN + 1
    assert visitors.own(PHONE, MAC) == ""


def test_the_next_holder_of_an_address(visitors: Visitors) -> None:
    """Has sent nothing."""
    visitors.submitted(PHONE, MAC, "a")

    assert visitors.own(PHONE, ANOTHER) == ""


def test_news_for_whoever_comes_back(visitors: Visitors, clock: Clock) -> None:
    """The device's latest, for ten minutes, to who has none of their own."""
    visitors.submitted(PHONE, MAC, "a")
    assert visitors.last(OTHER, "") == "", "it has not ended yet"
    visitors.happened("a")
    assert visitors.last(OTHER, "") == "a"
    visitors.submitted(OTHER, "", "b")
    assert visitors.last(OTHER, "") == "b"

    clock.now = ANYBODYS + 1
    assert visitors.last("100.64.64.22", "") == ""


def test_a_crowd_does_not_fill_the_memory(visitors: Visitors) -> None:
    """The oldest makes room; one client alone has one place."""
    for number in range(MOST + 1):
        visitors.submitted(f"phone {number}", "", f"record {number}")
    for number in range(2 * MOST):
        visitors.submitted("phone 7", "", f"again {number}")

    assert visitors.own("phone 0", "") == ""
    assert visitors.own("phone 1", "") == "record 1"
