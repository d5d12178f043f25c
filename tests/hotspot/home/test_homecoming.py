"""Where the machine is, once it has a home network: every place, every event, every order."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.home import homecoming
from hotspot.home.house import House

EVENTS: Final = (
    *("kept", "forgotten", "begun", "ended", "due", "settled", "unsettled"),
    *("found", "gone", "heard", "silent", "failed"),
    *("called", "dismissed", "idle"),
)


def house(
    *,
    linger: float | None = 60,
    kept: bool = False,
    start: str = "unconfigured",
    idle_off: float | None = None,
) -> House:
    """A house with the default settings, but that nobody tires of it."""
    return House(linger=linger, return_after=300, kept=kept, start=start, idle_off=idle_off)


def walked(one: House, *events: str | int) -> list[str]:
    """What was done about events (a number: so many stations), in short."""
    done = []
    for event in events:
        acts = one.count(event) if isinstance(event, int) else one.hear(event)
        done += [f"{act} {seconds:g}" if seconds else act for act, seconds in acts]
    return done


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


def away() -> House:
    """A house whose home network is out of reach."""
    one = house()
    walked(one, "kept", "due", "settled", "gone", "due")
    return one


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


class Machine:
    """What the acts make of the world; whatever they do to it is checked on the spot."""

    def __init__(self, one: House) -> None:
        self.house = one
        self.up = one.on_air
        self.due = self.tiring = False
        self.tasks: set[str] = set()

    def do(self, event: str | int) -> None:
        """An event, if the world can bring it now."""
        if not self.brings(event):
            return
        if event == "due":
            self.due = False
        if event == "idle":
            self.tiring = False
        self.tasks -= {"settle", "join"} if event in {"settled", "unsettled"} else set()
        self.tasks -= {"look"} if event in {"heard", "silent"} else set()
        before = self.house.place
        acts = self.house.count(event) if isinstance(event, int) else self.house.hear(event)
        for act, seconds in acts:
            self.act(act, seconds, before == "lingering" or event == "dismissed")

    def brings(self, event: str | int) -> bool:
        """Whether an event can come now."""
        if isinstance(event, int):
            return self.up
        if event in {"settled", "unsettled"}:
            return bool(self.tasks & {"settle", "join"})
        if event in {"heard", "silent"}:
            return "look" in self.tasks
        return {"due": self.due, "idle": self.tiring}.get(event, True)

    def act(self, act: str, seconds: float, meant: bool) -> None:  # noqa: FBT001 - of what is done
        """One act; `meant`: whoever is on the access point has been told, or was not asked."""
        if act == "descend":
            assert not self.house.joining, "a join was disturbed"
            assert meant or self.house.stations == 0, "somebody was thrown off"
            self.up = False
            for more, _ in self.house.count(0):
                assert more == "stir"
        elif act == "ascend":
            assert not self.up
            self.up = True
        elif act == "wait":
            assert 0 < seconds <= 900
            self.due = True
        elif act in {"tire", "stir"}:
            assert act == "stir" or (self.up and not self.house.stations)
            self.tiring = act == "tire"
        elif act == "rest":
            self.due = False
        else:
            assert self.up == (act in {"look", "join"})
            self.tasks.add(act)


@given(
    st.booleans(),
    st.sampled_from([None, 0.0, 60.0]),
    st.sampled_from(["always", "unconfigured", "button", "never"]),
    st.sampled_from([None, 900.0]),
    st.lists(st.sampled_from([*(one for one in EVENTS if one != "failed"), 0, 1, 2]), max_size=60),
)
def test_whatever_happens(
    kept: bool,  # noqa: FBT001 - drawn
    linger: float | None,
    start: str,
    idle_off: float | None,
    events: list[str | int],
) -> None:
    """Nobody is thrown off, no join is disturbed, and where we are to be on the air we are."""
    machine = Machine(house(linger=linger, kept=kept, start=start, idle_off=idle_off))
    for act, seconds in machine.house.begin():
        machine.act(act, seconds, meant=False)
    for event in events:
        machine.do(event)
        assert machine.up == machine.house.on_air
        # Nothing is waited for by nobody: there is a way on from wherever it has got to. Where a
        # person has called, they decide when to go.
        waits = machine.due or machine.tasks or machine.house.held_up or machine.tiring
        place = machine.house.place
        rests = place in {"serving", "home", "beside", "resting", "seeking"}
        called = place == "away" and (idle_off is None or machine.house.stations > 0)
        assert waits or rests or called or machine.house.joining
