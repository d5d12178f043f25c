"""How long somebody waits who has mistyped a PIN."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from portal.bench.wall import tries
from portal.bench.wall.tries import FREE, HOME, MOST_HOMES, Tries

NAME = tries.of_name("Ada", known=True)
CLIENT = tries.of_client("100.64.64.20")


def missed(times: int, *places: str, now: float = 0.0) -> Tries:
    """So many tries at the same moment."""
    counted = Tries()
    for _ in range(times):
        counted.miss(places, now)
    return counted


def test_five_are_free() -> None:
    """The sixth waits."""
    assert missed(FREE - 1, NAME).wait([NAME], 0.0) == 0
    assert missed(FREE, NAME).wait([NAME], 0.0) > 0


def test_the_wait_grows_to_its_end() -> None:
    """Twice as long each time: up to a minute by name, a quarter of an hour by address."""
    waits = [missed(FREE + more, CLIENT).wait([CLIENT], 0.5) for more in range(12)]

    assert waits[:4] == [15, 30, 60, 120]
    assert waits[-1] == 900
    assert missed(100, NAME).wait([NAME], 0.5) == 60
    assert missed(100, NAME, CLIENT).wait([NAME, CLIENT], 0.5) == 900


def test_waiting_helps() -> None:
    """Once it is over another try may be made, and a success begins anew."""
    counted = missed(FREE, NAME)

    assert counted.wait([NAME], 16.0) == 0
    counted.miss([NAME], 16.0)
    assert counted.wait([NAME], 16.5) == 30
    counted.forget([NAME])
    assert counted.wait([NAME], 16.5) == 0


def test_a_day_without_a_mistake_is_forgotten() -> None:
    """Yesterday's slips do not count."""
    counted = missed(FREE, NAME)
    counted.miss([NAME], 90_000.0)

    assert counted.wait([NAME], 90_000.0) == 0


def test_who_is_at_home_where() -> None:
    """A person at an address, for a week, and at no more than 64 in all."""
    counted = Tries()
    counted.welcome(tries.of_home("Ada", "here"), 0.0)

    assert counted.knows(tries.of_home("Ada", "here"), HOME - 1)
    assert not counted.knows(tries.of_home("Ada", "here"), HOME)
    assert not counted.knows(tries.of_home("Ben", "here"), 0.0)
    for number in range(MOST_HOMES):
        counted.welcome(tries.of_home("Ben", str(number)), 1.0)
    assert not counted.knows(tries.of_home("Ada", "here"), 1.0)
    assert Tries.read(counted.written()).knows(tries.of_home("Ben", "3"), 1.0)


def test_it_survives_a_restart() -> None:
    """What is written and read back waits the same."""
    counted = missed(FREE + 2, NAME, CLIENT, now=50.0)

    again = Tries.read(counted.written())

    assert again.wait([NAME], 51.0) == counted.wait([NAME], 51.0) > 0


def test_a_clock_put_back_makes_nobody_wait_for_ever() -> None:
    """A machine without a clock starts in the past: from then on, not until then."""
    counted = missed(FREE, NAME, now=2_000_000_000.0)

    assert counted.wait([NAME], 1_000.0) <= 16
    assert Tries.read(counted.written()).wait([NAME], 1_016.0) == 0


def test_a_flood_of_addresses_is_bounded() -> None:
    """The oldest make room; names are not pushed out by it."""
    counted = missed(FREE, NAME)
    for number in range(2_000):
        counted.miss([tries.of_client(str(number)), tries.of_name(str(number), known=False)], 1.0)

    assert len(counted.written()) < 32_768
    assert counted.wait([NAME], 1.0) > 0


@given(st.binary(max_size=200))
def test_any_file_can_be_read(text: bytes) -> None:
    """A damaged one counts nothing."""
    assert Tries.read(text).wait([NAME], 0.0) >= 0


@given(
    st.dictionaries(st.text(), st.none() | st.text() | st.lists(st.integers() | st.text()))
    | st.lists(st.integers())
)
def test_any_document_can_be_read(document: object) -> None:
    """JSON that is not ours counts nothing."""
    assert Tries.read(json.dumps(document).encode()).wait([NAME], 0.0) == 0
