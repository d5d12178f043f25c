"""Where the machine is, once it has a home network: every place and every event."""

from __future__ import annotations

import pytest

from hotspot.home import homecoming
from tests.hotspot.home.walking import EVENTS, away, house, walked


@pytest.mark.parametrize(
    ("events", "done", "place"),
    [
        (["begun", "ended"], [], "serving"),
        (["begun", "kept"], ["wait 60"], "lingering"),
        (["begun", "kept", "due"], ["wait 60", "descend", "settle"], "settling"),
        (["kept", "due", "settled"], ["wait 60", "descend", "settle"], "home"),
        # Another try while the page is still there: its end is waited for.
        (["kept", "begun", "due", "ended"], ["wait 60", "wait 30"], "lingering"),
        (["kept", "begun", "due", "kept"], ["wait 60", "wait 60"], "lingering"),
        (["kept", "forgotten"], ["wait 60", "rest"], "serving"),
        # Not home in time: back, and looked for later.
        (
            ["kept", "due", "unsettled"],
            ["wait 60", "descend", "settle", "ascend", "wait 120"],
            "away",
        ),
    ],
)
def test_after_a_join(events: list[str], done: list[str], place: str) -> None:
    """A network that is kept: the page lingers, the access point goes, the machine is home."""
    one = house()

    assert walked(one, *events) == done
    assert one.place == place


@pytest.mark.parametrize(
    ("events", "done", "place"),
    [
        (["gone"], ["wait 300"], "missing"),
        (["gone", "found"], ["wait 300", "rest"], "home"),
        (["gone", "due"], ["wait 300", "ascend", "wait 60"], "away"),
        (["forgotten"], ["rest", "ascend"], "serving"),
        (["gone", "forgotten"], ["wait 300", "rest", "ascend"], "serving"),
        # The adapter was pulled meanwhile.
        (["gone", "due", "failed"], ["wait 300", "ascend", "wait 60", "wait 60"], "missing"),
    ],
)
def test_from_home(events: list[str], done: list[str], place: str) -> None:
    """Gone for long enough, the access point comes back; before that it does not."""
    one = house()
    walked(one, "kept", "due", "settled")

    assert walked(one, *events) == done
    assert one.place == place


@pytest.mark.parametrize(
    ("events", "done", "place"),
    [
        (["due"], ["look"], "looking"),
        (["due", "silent"], ["look", "wait 120"], "away"),
        (["due", "heard"], ["look", "descend", "settle"], "settling"),
        (["due", "heard", "settled"], ["look", "descend", "settle"], "home"),
        # Somebody is on the access point: not looked for, not left, until they have gone.
        ([1, "due"], [], "away"),
        ([1, "due", 0], ["wait 30"], "away"),
        ([2, "due", 1, 0, "due"], ["wait 30", "look"], "looking"),
        (["due", 1, "heard"], ["look"], "away"),
        (["due", 1, "heard", 0, "due"], ["look", "wait 30", "look"], "looking"),
        (["due", "begun", "heard", "ended"], ["look", "wait 30"], "away"),
        # A person gives another network, or the same.
        (["begun", "due", "kept"], ["wait 60"], "lingering"),
        (["due", "kept", "heard"], ["look", "wait 60"], "lingering"),
        (["forgotten"], ["rest"], "serving"),
        (["due", "forgotten", "heard"], ["look", "rest"], "serving"),
    ],
)
def test_while_away(events: list[str | int], done: list[str], place: str) -> None:
    """The home network is looked for, and gone to, only while nobody is on the access point."""
    one = away()

    assert walked(one, *events) == done
    assert one.place == place


def test_looks_in_vain_are_ever_fewer() -> None:
    """A minute, two, four, to a quarter of an hour; and a minute again after it was there."""
    one = away()
    waits = [walked(one, "due", "silent")[-1] for _ in range(6)]

    assert waits == ["wait 120", "wait 240", "wait 480", "wait 900", "wait 900", "wait 900"]
    assert walked(one, "due", "heard", "unsettled")[-1] == "wait 900"
    assert walked(one, "due", "heard", "settled", "gone", "due")[-1] == "wait 60"


def test_a_start_with_a_home_network() -> None:
    """First there; if that does not come off, the access point, but not before it is due."""
    one = house(kept=True)
    assert [act for act, _ in one.begin()] == ["descend", "settle"]
    assert not one.on_air
    assert walked(one, "unsettled") == ["wait 300"]
    assert walked(one, "due") == ["ascend", "wait 60"]

    again = house(kept=True)
    assert walked(again, "settled") == []
    assert again.told == "home"


def test_a_start_without_one() -> None:
    """Nothing of all this happens where nothing is kept."""
    one = house()

    assert one.begin() == ()
    assert walked(one, "due", "settled", "gone", "found", "heard", 3, "begun", "ended", 0) == []
    assert (one.place, one.told, one.on_air) == ("serving", "serving", True)


@pytest.mark.parametrize(
    ("linger", "done"), [(None, ["rest", "join"]), (0, ["wait 2"]), (5, ["wait 5"])]
)
def test_lingering(linger: float | None, done: list[str]) -> None:
    """For ever beside the connection, for a while, or until the page has read its outcome."""
    assert walked(house(linger=linger), "begun", "kept") == done


# What others hear, by what is: "away" is every place between two networks.
@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], "serving"),
        (["kept"], "lingering"),
        (["kept", "due"], "away"),
        (["kept", "due", "settled"], "home"),
        (["kept", "due", "settled", "gone"], "away"),
        (["kept", "due", "settled", "gone", "due", "due"], "away"),
        (["dismissed"], "resting"),
        (["kept", "due", "settled", "gone", "due", "dismissed"], "resting"),
    ],
)
def test_what_is_told(events: list[str], told: str) -> None:
    """The words of the agent's `status`."""
    one = house()
    walked(one, *events)

    assert one.told == told


def test_every_event_of_the_table_is_known() -> None:
    """The table speaks of no event and no place that is not in this test or the module."""
    places = {place for place, _ in homecoming.TABLE}
    ends = {found[0] for found in homecoming.TABLE.values()}

    assert {event for _, event in homecoming.TABLE} <= {*EVENTS}
    assert ends <= places
