"""The plan: from any state to an access point, and back, whatever happens on the way."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import plan as plans
from hotspot.machine import steps
from hotspot.machine.steps import Address, State, Step, after
from hotspot.plan import plan, undo
from tests.hotspot.fakes import SWITCH, FakeMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADDRESS = "100.64.64.1/22"
FRESH = State(interface="wlan0", type="station", up=False, sysctls={SWITCH: "0"}, country="00")

CIDRS = ["192.168.1.5/24", "10.0.0.9/8", "2001:db8::5/64", "fd00::7/48", ADDRESS]
ROUTES = ["0218aa", "0200bb", "0210cc", "0a40dd", "0a00ee"]


@st.composite
def states(draw: st.DrawFn) -> State:
    """Any state that a kernel can be in: no route over a link that is down, no IPv6 when off."""
    up = draw(st.booleans())
    off = draw(st.sampled_from([{}, {SWITCH: "0"}, {SWITCH: "1"}]))
    cidrs = draw(st.sets(st.sampled_from(CIDRS)))
    routes = draw(st.lists(st.sampled_from(ROUTES), unique=True)) if up else []
    if off.get(SWITCH) == "1":
        cidrs = {cidr for cidr in cidrs if ":" not in cidr}
        routes = [route for route in routes if not route.startswith("0a")]
    return State(
        interface="wlan0",
        type=draw(st.sampled_from(["station", "ap", "monitor"])),
        up=up,
        addresses=frozenset(Address(cidr, draw(st.sampled_from(["", "aa"]))) for cidr in cidrs),
        routes=tuple(routes),
        sysctls=off,
        country=draw(st.sampled_from(["00", "DE", "US"])),
        held_by=frozenset(draw(st.sets(st.sampled_from(["NetworkManager", "wpa_supplicant"])))),
    )


PHASES: list[Callable[[State], State]] = [
    plans.left_alone,
    lambda observed: plans.listening(observed, "DE"),
    lambda observed: plans.serving(observed, "DE", ADDRESS),
]


def way_up(machine: FakeMachine) -> Iterator[Step]:
    """Every step of `prepare`, each given out before it is executed."""
    for phase in PHASES:
        observed = machine.observe()
        for step in plan(observed, phase(observed)):
            yield step
            machine.execute(step)


def records(state: State) -> set[tuple[str, str]]:
    """The addresses with what equality leaves out."""
    return {(address.cidr, address.record) for address in state.addresses}


@given(states())
def test_the_plan_reaches_what_is_wanted(before: State) -> None:
    """From any state, the steps end in an access point with one address, held by nobody."""
    machine = FakeMachine(before)

    for step in way_up(machine):
        assert isinstance(step, Step)

    reached = machine.observe()
    assert reached == plans.serving(before, "DE", ADDRESS)
    assert (reached.type, reached.up, reached.table) == ("ap", True, True)
    assert {a.cidr for a in reached.addresses} == {ADDRESS}


@given(states(), states())
def test_any_state_can_be_reached_from_any_other(observed: State, wanted: State) -> None:
    """Executing the plan leads exactly to the state that was wanted."""
    wanted = dataclasses.replace(wanted, sysctls={**observed.sysctls, **wanted.sysctls})
    if wanted.sysctls.get(SWITCH) == "1":
        wanted = after(steps.SetSysctl(SWITCH, "1"), wanted)
    machine = FakeMachine(observed)

    for step in plan(observed, wanted):
        machine.execute(step)

    reached = machine.observe()
    assert {*reached.routes} == {*wanted.routes}
    assert dataclasses.replace(reached, routes=()) == dataclasses.replace(wanted, routes=())


@given(states(), states())
def test_what_is_so_needs_no_step(observed: State, wanted: State) -> None:
    """A plan from a state to itself is empty, and so is the second plan to any state."""
    reached = functools.reduce(
        lambda so_far, step: after(step, so_far), plan(observed, wanted), observed
    )

    assert plan(observed, observed) == ()
    assert not [s for s in plan(reached, wanted) if not isinstance(s, steps.AddRoute)]


@given(states())
def test_the_model_is_the_kernel(before: State) -> None:
    """After each step of a plan the model in `steps` says what the machine says."""
    machine, model = FakeMachine(before), before
    wanted = plans.serving(before, "DE", ADDRESS)

    for step in plan(before, wanted):
        machine.execute(step)
        model = after(step, model)
        assert machine.observe() == model


@given(states(), st.integers(0, 30), st.booleans())
def test_undo_leads_back_from_any_point(before: State, last: int, executed: bool) -> None:  # noqa: FBT001 - drawn
    """Killed before or after any step, the journal's steps undone give the state of before."""
    machine, done = FakeMachine(before), list[Step]()
    for step in way_up(machine):
        done.append(step)
        if len(done) > last:
            if executed:
                machine.execute(step)
            break

    for step in undo(machine.observe(), before, done):
        machine.execute(step)

    assert machine.observe() == before
    assert records(machine.observe()) == records(before)
    assert undo(machine.observe(), before, done) == ()


@given(states(), st.sampled_from(["ended", "killed", "never there"]))
def test_undo_stands_what_hostapd_leaves(before: State, hostapd: str) -> None:
    """hostapd that ends well makes the interface a station with its link down; undo copes."""
    machine = FakeMachine(before)
    done = list(way_up(machine))
    if hostapd == "ended":
        machine.execute(steps.SetDown())
        machine.execute(steps.SetType("station"))

    for step in undo(machine.observe(), before, done):
        machine.execute(step)

    assert machine.observe() == before


@given(states())
def test_a_second_prepare_repairs_what_hostapd_took(before: State) -> None:
    """Type and link are mended, and the journal of both runs still leads back."""
    machine = FakeMachine(before)
    done = list(way_up(machine))
    machine.execute(steps.SetDown())
    machine.execute(steps.SetType("station"))

    observed = machine.observe()
    repairs = plan(observed, plans.serving(observed, "DE", ADDRESS))
    for step in repairs:
        machine.execute(step)

    assert repairs == (steps.SetType("ap"), steps.SetUp())
    for step in undo(machine.observe(), before, [*done, *repairs]):
        machine.execute(step)
    assert machine.observe() == before


def test_what_others_changed_stays() -> None:
    """An address, a route and a country that came meanwhile by other hands are not undone."""
    machine = FakeMachine(FRESH)
    done = [step for step in way_up(machine) if not isinstance(step, steps.SetCountry)]
    machine.execute(steps.AddAddress("10.9.9.9/24"))
    machine.execute(steps.SetCountry("FR"))

    for step in undo(machine.observe(), FRESH, done):
        machine.execute(step)

    assert machine.observe() == dataclasses.replace(
        FRESH, addresses=frozenset({Address("10.9.9.9/24")}), country="FR"
    )


def test_a_table_left_over_is_removed() -> None:
    """A table of our name from before is ours: undo removes it all the same."""
    before = dataclasses.replace(FRESH, table=True)

    assert undo(before, before, [steps.LoadTable()]) == (steps.UnloadTable(),)


def test_neighbours_let_go_first_and_come_back_last() -> None:
    """Nothing is changed while somebody else looks after the interface."""
    before = dataclasses.replace(FRESH, held_by=frozenset({"NetworkManager"}))
    machine = FakeMachine(before)
    done = list(way_up(machine))
    back = undo(machine.observe(), before, done)

    assert done[0] == steps.Unmanage("NetworkManager")
    assert back[-1] == steps.Manage("NetworkManager")


def test_the_address_is_there_before_the_firewall_and_after_the_link() -> None:
    """The order in which each step can succeed, on a machine that knows nothing of us yet."""
    machine = FakeMachine(FRESH)

    assert [type(step).__name__ for step in way_up(machine)] == [
        "SetCountry", "SetUp",
        "SetDown", "SetType", "SetSysctl", "SetUp", "AddAddress", "LoadTable",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", steps.NAMED.values())
def test_every_kind_of_step_is_known(kind: type[Step]) -> None:
    """Each has its effect in the model and its way back."""
    assert after.dispatch(kind) is not after.dispatch(Step)
    assert plans.undone.dispatch(kind) is not plans.undone.dispatch(Step)
