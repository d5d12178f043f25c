"""What to change so that the interface becomes an access point, and what to change back.

`plan` lists the steps from one state to another, none for what is already so. `undo` is a plan
too: back to the state before, but only in what our own steps touched, so that what anybody
else changed meanwhile stays.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from hotspot.machine.steps import (
    ACCESS_POINT,
    STATION,
    AddAddress,
    Address,
    AddRoute,
    LoadTable,
    Manage,
    RemoveAddress,
    RemoveRoute,
    SetCountry,
    SetDown,
    SetSysctl,
    SetType,
    SetUp,
    State,
    Step,
    UnloadTable,
    Unmanage,
    after,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def plan(observed: State, wanted: State) -> tuple[Step, ...]:
    """The steps from one state to another, in an order in which each one can succeed."""
    state, steps = observed, list[Step]()
    for part in (_let_go, _reshape, _set_link, _furnish):
        more = tuple(part(state, wanted))
        state = functools.reduce(lambda so_far, step: after(step, so_far), more, state)
        steps += more
    return tuple(steps)


def undo(observed: State, before: State, done: Iterable[Step]) -> tuple[Step, ...]:
    """The steps from what is `observed` now back to `before`, in what `done` touched.

    `done` may end in a step that was recorded and never executed.
    """
    wanted = observed
    for step in done:
        wanted = undone(step, wanted, before)
    return plan(observed, wanted)


def left_alone(observed: State) -> State:
    """The same, with nobody else looking after it."""
    return dataclasses.replace(observed, held_by=frozenset())


def listening(observed: State, country: str) -> State:
    """The state in which the radio can scan: a station that is ours, its link up."""
    return dataclasses.replace(
        observed, type=STATION, up=True, country=country, held_by=frozenset()
    )


def serving(observed: State, country: str, address: str) -> State:
    """The state in which hostapd can start: an access point with one address and no IPv6."""
    return State(
        interface=observed.interface,
        type=ACCESS_POINT,
        up=True,
        addresses=frozenset({Address(address)}),
        # No router is ours to announce, and no rule of the firewall speaks of IPv6.
        sysctls=dict.fromkeys(observed.sysctls, "1"),
        country=country,
        table=True,
    )


def _let_go(state: State, wanted: State) -> Iterator[Step]:
    yield from map(Unmanage, sorted(state.held_by - wanted.held_by))
    if state.table and not wanted.table:
        yield UnloadTable()
    # What the kernel would take away by itself is taken away by name, so that it is on record.
    left = functools.reduce(
        lambda so_far, step: after(step, so_far), _reshape(state, wanted), state
    )
    if state.up and not wanted.up:
        left = after(SetDown(), left)
    kept = [route for route in wanted.routes if route in left.routes]
    yield from (RemoveRoute(route) for route in reversed(state.routes) if route not in kept)
    for address in sorted(state.addresses - (wanted.addresses & left.addresses)):
        yield RemoveAddress(address.cidr, address.record)


def _reshape(state: State, wanted: State) -> Iterator[Step]:
    if wanted.country not in {"", state.country}:
        yield SetCountry(wanted.country)
    if wanted.type != state.type:
        if state.up:
            yield SetDown()
        yield SetType(wanted.type)
    for name, value in sorted(wanted.sysctls.items()):
        if state.sysctls.get(name) != value:
            yield SetSysctl(name, value)


def _set_link(state: State, wanted: State) -> Iterator[Step]:
    if wanted.up != state.up:
        yield SetUp() if wanted.up else SetDown()


def _furnish(state: State, wanted: State) -> Iterator[Step]:
    for address in sorted(wanted.addresses - state.addresses):
        yield AddAddress(address.cidr, address.record)
    yield from (AddRoute(route) for route in wanted.routes if route not in state.routes)
    if wanted.table and not state.table:
        yield LoadTable()
    yield from map(Manage, sorted(wanted.held_by - state.held_by))


@functools.singledispatch
def undone(step: Step, wanted: State, before: State) -> State:
    """`wanted` with what `step` touches put back to what it was `before`."""
    raise NotImplementedError(step, wanted, before)


@undone.register
def _(step: Unmanage | Manage, wanted: State, before: State) -> State:
    held = (wanted.held_by - {step.by}) | (before.held_by & {step.by})
    return dataclasses.replace(wanted, held_by=held)


@undone.register
def _(_step: SetUp | SetDown, wanted: State, before: State) -> State:
    return dataclasses.replace(wanted, up=before.up)


@undone.register
def _(_step: SetType, wanted: State, before: State) -> State:
    return dataclasses.replace(wanted, type=before.type)


@undone.register
def _(_step: SetCountry, wanted: State, before: State) -> State:
    return dataclasses.replace(wanted, country=before.country)


@undone.register
def _(step: SetSysctl, wanted: State, before: State) -> State:
    old = {name: value for name, value in before.sysctls.items() if name == step.name}
    return dataclasses.replace(wanted, sysctls={**wanted.sysctls, **old})


@undone.register
def _(step: AddAddress | RemoveAddress, wanted: State, before: State) -> State:
    address = Address(step.cidr)
    # The one of `before` has the kernel's record, so it is taken from there.
    old = {known for known in before.addresses if known == address}
    return dataclasses.replace(wanted, addresses=(wanted.addresses - {address}) | old)


@undone.register
def _(step: AddRoute | RemoveRoute, wanted: State, before: State) -> State:
    others = tuple(route for route in wanted.routes if route != step.record)
    if step.record not in before.routes:
        return dataclasses.replace(wanted, routes=others)
    # In the order of `before`: a route comes after those by which its gateway is reached.
    known = {step.record, *others}
    routes = tuple(route for route in before.routes if route in known)
    later = tuple(route for route in others if route not in routes)
    return dataclasses.replace(wanted, routes=(*routes, *later))


@undone.register
def _(_step: LoadTable | UnloadTable, wanted: State, _before: State) -> State:
    """Gone, whatever was before: a table of our name can only be left over from us."""
    return dataclasses.replace(wanted, table=False)
