"""How the wall sorts devices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Row
from portal.bench.wall import acts, groups, remedies
from portal.bench.wall.amounts import amount, moment, span
from portal.bench.wall.groups import Group
from tests.portal.bench.wall.world import shift

ROW = Row("7", "lamp-7", 1, State.FLASHING, 3.0, "a4:cf:12:00:00:07", "0070", size=200)


def test_every_state_has_its_place() -> None:
    """A group with words, and buttons that the bench knows."""
    for state in State:
        row = replace(ROW, state=state)
        assert groups.WORDS[groups.of(state)]
        assert acts.offered(row)
        assert len(set(acts.offered(row))) == len(acts.offered(row))


def test_whoever_needs_a_person_is_told_what_helps() -> None:
    """Each reason, and each state that stands still, has words and a remedy."""
    needy = [replace(ROW, state=state) for state in State if groups.of(state) in groups.NEEDY]
    rows = [*needy, *(replace(ROW, state=State.FAILED, reason=reason) for reason in Reason)]
    for row in rows:
        title, remedy = remedies.told(row)
        assert title
        assert remedy.endswith(".")
    assert len(remedies.titles()) == len(Reason)


def test_all_are_counted() -> None:
    """Done, working, for a person, to go and set aside are all there are."""
    desk = shift()
    counts = desk.head().counts

    totals = groups.totals(counts)
    assert sum(totals) + counts[State.REJECTED] == 200
    assert totals[2] == len(groups.needy(desk.devices.values())) == 6


def test_the_one_in_trouble_comes_first() -> None:
    """Failed, then conflicts, then unclaimed, then lost; by name within."""
    found = groups.needy(shift().devices.values())

    letters = [groups.of(row.state) for row in found]
    assert letters == sorted(letters, key=list(Group).index)
    assert found[0].name == "lamp-017"


@pytest.mark.parametrize(
    ("acknowledged", "size", "state", "percent"),
    [
        (0, 200, State.FLASHING, 0),
        (199, 200, State.FLASHING, 99),
        (200, 200, State.FLASHING, 100),
        (300, 200, State.FLASHING, 100),
        (5, 0, State.FLASHING, 0),
        (0, 0, State.PROVISIONED, 100),
    ],
)
def test_percent(acknowledged: int, size: int, state: State, percent: int) -> None:
    """Never 100 before it is there, and never more."""
    row = replace(ROW, acknowledged=acknowledged, size=size, state=state)
    assert groups.percent(row) == percent


@pytest.mark.parametrize("text", ["7", "LAMP-7", "0070", "a4:cf:12:00:00:07", "a4cf12000007"])
def test_found_by_any_of_its_names(text: str) -> None:
    """Id, name, serial, MAC with colons and without."""
    assert groups.found([replace(ROW, id="x", name="y", serial="z", mac=""), ROW], text) == [ROW]


def test_an_exact_name_comes_first() -> None:
    """A scanner's whole serial before those it is a part of."""
    longer = replace(ROW, id="a", name="a", serial="00701", mac="")

    assert groups.found([longer, ROW], "0070") == [ROW, longer]
    assert groups.found([ROW], "nothing") == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (99, "99 s"), (100, "2 min"), (5999, "100 min"), (7500, "2 h 5 min")],
)
def test_spans(seconds: float, words: str) -> None:
    """As people say them."""
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 B"), (999, "999 B"), (98_300, "98 kB"), (1_500_000, "1.5 MB")]
)
def test_amounts(number: int, words: str) -> None:
    """As people say them."""
    assert amount(number) == words


def test_moments() -> None:
    """To the second, whatever the ledger adds."""
    for text in ("2026-03-01T08:00:13Z", "2026-03-01T08:00:13.123456+00:00"):
        assert moment(text) == "2026-03-01 08:00:13"
    assert moment("") == ""
