"""The access point of a machine that has a home: when it comes, is called, and goes unused."""

from __future__ import annotations

import pytest

from tests.hotspot.home.walking import house, walked


@pytest.mark.parametrize(
    ("events", "done"),
    [
        (["settled", "found"], ["rest", "rest"]),
        (["unsettled", "due"], ["wait 120", "join"]),
        (["unsettled", "due", "unsettled"], ["wait 120", "join", "wait 240"]),
        (["settled", "found", "gone", "found"], ["rest", "rest", "wait 300", "rest"]),
        (["settled", "gone", "due"], ["rest", "wait 300", "join"]),
        # Another try takes the place of the station that is there.
        (["settled", "begun", "ended"], ["rest", "rest", "join"]),
        (["settled", "begun", "kept"], ["rest", "rest", "join"]),
        (["unsettled", "begun", "due", "ended"], ["wait 120", "rest", "join"]),
        # An agent that ends for want of work has ended nothing.
        (["settled", "ended"], ["rest"]),
    ],
)
def test_beside(events: list[str], done: list[str]) -> None:
    """The access point stays for ever, and the machine is on its network as well as may be."""
    one = house(linger=None, kept=True)
    assert [act for act, _ in one.begin()] == ["join"]
    assert one.on_air

    assert walked(one, *events) == done
    assert (one.place, one.told) == ("beside", "lingering")
    assert walked(one, "forgotten") == ["rest"]
    assert one.place == "serving"


@pytest.mark.parametrize(
    ("events", "done", "place"),
    [
        (["idle"], ["descend", "stir"], "resting"),
        (["idle", "called"], ["descend", "stir", "ascend", "tire 900"], "serving"),
        # Somebody comes, and the time begins anew when the last one has left.
        ([1, 2, 1, 0], ["stir", "tire 900"], "serving"),
        ([1, "idle"], ["stir"], "serving"),
        (["begun", "idle", "ended"], ["stir", "tire 900"], "serving"),
        # Called while it is there: whoever calls comes in a moment.
        (["called"], ["tire 900"], "serving"),
        ([1, "called"], ["stir"], "serving"),
        (["dismissed"], ["descend", "stir"], "resting"),
        ([1, "dismissed"], ["stir", "descend"], "resting"),
        (["begun", "dismissed"], ["stir"], "serving"),
        # A network is joined by command line.
        (["idle", "begun", "kept"], ["descend", "stir", "settle"], "settling"),
        (["kept", "dismissed"], ["wait 60", "stir", "rest", "descend", "settle"], "settling"),
    ],
)
def test_nobody_comes(events: list[str | int], done: list[str], place: str) -> None:
    """With nobody on it for so long, the access point goes, and comes back when called."""
    one = house(idle_off=900)
    assert one.begin() == (("tire", 900),)

    assert walked(one, *events) == done
    assert one.place == place


@pytest.mark.parametrize(
    ("events", "done", "place"),
    [
        (["idle"], ["rest", "descend", "settle", "stir"], "seeking"),
        (["idle", "settled"], ["rest", "descend", "settle", "stir"], "home"),
        (["idle", "unsettled"], ["rest", "descend", "settle", "stir"], "seeking"),
        (["idle", "unsettled", "found"], ["rest", "descend", "settle", "stir"], "home"),
        # In the middle of a look: afterwards.
        (["due", "idle"], ["look"], "looking"),
        (["due", "idle", "silent"], ["look", "rest", "descend", "settle", "stir"], "seeking"),
        (["due", "idle", "heard"], ["look", "descend", "settle", "stir"], "settling"),
        (["due", "idle", 1, "silent"], ["look", "stir", "wait 120"], "away"),
        # Looks are no visits.
        (["due", "silent", "due", "silent"], ["look", "wait 120", "look", "wait 240"], "away"),
    ],
)
def test_nobody_comes_while_away(events: list[str | int], done: list[str], place: str) -> None:
    """Out of reach of the home network, and of everybody: left to whoever looks after it."""
    one = house(idle_off=900)
    walked(one, "kept", "due", "settled", "gone", "due")

    assert walked(one, *events) == done
    assert one.place == place


@pytest.mark.parametrize("events", [(), ("gone",), ("gone", "due", "idle", "unsettled")])
def test_called_from_home(events: tuple[str, ...]) -> None:
    """A person who calls gets the access point, which does not go looking at once."""
    one = house(idle_off=900)
    walked(one, "kept", "due", "settled", *events)

    assert walked(one, "called") == ["rest", "ascend", "tire 900"]
    assert (one.place, one.told) == ("away", "away")


# Without and with a home network from before: the first acts, and where that is.
@pytest.mark.parametrize(
    ("start", "kept", "acts", "place"),
    [
        ("always", False, [], "serving"),
        ("always", True, [], "away"),
        ("unconfigured", False, [], "serving"),
        ("unconfigured", True, ["descend", "settle"], "starting"),
        *((start, False, ["descend"], "resting") for start in ("button", "never")),
        *((start, True, ["descend", "settle"], "starting") for start in ("button", "never")),
    ],
)
def test_starts(start: str, kept: bool, acts: list[str], place: str) -> None:  # noqa: FBT001 - a case
    """What a machine does first, by its settings."""
    one = house(start=start, kept=kept)

    assert [act for act, _ in one.begin()] == acts
    assert one.place == place


@pytest.mark.parametrize(
    ("kept", "events", "place"),
    [
        (True, ["unsettled", "due"], "seeking"),
        (True, ["settled", "gone", "due"], "seeking"),
        (True, ["settled", "forgotten"], "resting"),
        (True, ["settled", "called", "forgotten"], "serving"),
        (False, ["called", "kept", "due", "unsettled"], "seeking"),
        (False, ["called", "failed", "due"], "resting"),
    ],
)
def test_only_when_called(kept: bool, events: list[str], place: str) -> None:  # noqa: FBT001 - a case
    """Where it is not to come by itself it comes only when it is called."""
    one = house(start="button", kept=kept)
    one.begin()
    acts = [(event, walked(one, event)) for event in events]

    assert [event for event, done in acts if "ascend" in done] == [
        event for event in events if event == "called"
    ]
    assert one.place == place
