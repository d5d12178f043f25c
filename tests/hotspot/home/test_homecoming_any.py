"""Where the machine is, whatever happens in whatever order: what is never done to anybody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotspot.home.house import House
from tests.hotspot.home.walking import EVENTS, house


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
