"""The state of one interface, and the steps that change it: values with a model of what they do.

`after` says what the kernel makes of a step, with what it takes away unasked. Every step may be
executed again: after a kill in the middle, what is recorded as done may or may not have been.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

STATION: Final = "station"
ACCESS_POINT: Final = "ap"

# The first byte of an rtnetlink message is its address family (linux/socket.h, AF_INET6).
_IPV6: Final = "0a"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An address of the interface, such as `192.168.1.5/24`.

    `record` is the kernel's own message about it in hex (label, peer, lifetimes and all), ""
    for one that is ours.
    """

    cidr: str
    record: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One interface and what surrounds it, as far as we ever touch it.

    `type` is an nl80211 name in lower case; `routes` are rtnetlink messages in hex, each after
    those it needs; `sysctls` by their path below /proc/sys, those that exist here; `country`
    "" when the kernel does not say; `table` whether our nftables table is loaded; `held_by`
    who else looks after the interface.
    """

    interface: str
    type: str
    up: bool
    addresses: frozenset[Address] = frozenset()
    routes: tuple[str, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    country: str = ""
    table: bool = False
    held_by: frozenset[str] = frozenset()


class Step:
    """One change. Its fields are strings, so that a journal can hold it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unmanage(Step):
    """Have somebody (`NetworkManager`, `wpa_supplicant`) leave the interface alone."""

    by: str


@dataclass(frozen=True, slots=True)
class Manage(Step):
    """Give the interface back to them."""

    by: str


@dataclass(frozen=True, slots=True)
class SetUp(Step):
    """Link up."""


@dataclass(frozen=True, slots=True)
class SetDown(Step):
    """Link down."""


@dataclass(frozen=True, slots=True)
class SetType(Step):
    """What the radio is: a station, an access point. Only while the link is down."""

    type: str


@dataclass(frozen=True, slots=True)
class SetCountry(Step):
    """The country whose rules all radios of this machine follow."""

    country: str


@dataclass(frozen=True, slots=True)
class SetSysctl(Step):
    """A kernel setting."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class AddAddress(Step):
    """Give the interface an address; with a `record`, exactly that one."""

    cidr: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class RemoveAddress(Step):
    """Take an address away; with a `record`, exactly that one."""

    cidr: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class AddRoute(Step):
    """Add a route over the interface."""

    record: str


@dataclass(frozen=True, slots=True)
class RemoveRoute(Step):
    """Take a route away."""

    record: str


@dataclass(frozen=True, slots=True)
class LoadTable(Step):
    """Load our nftables table."""


@dataclass(frozen=True, slots=True)
class UnloadTable(Step):
    """Remove our nftables table."""


NAMED: Final[Mapping[str, type[Step]]] = {
    step.__name__: step
    for step in (
        *(Unmanage, Manage, SetUp, SetDown, SetType, SetCountry, SetSysctl),
        *(AddAddress, RemoveAddress, AddRoute, RemoveRoute, LoadTable, UnloadTable),
    )
}


@functools.singledispatch
def after(step: Step, state: State) -> State:
    """The state that `step` leaves behind."""
    raise NotImplementedError(step, state)


@after.register
def _(step: Unmanage, state: State) -> State:
    return dataclasses.replace(state, held_by=state.held_by - {step.by})


@after.register
def _(step: Manage, state: State) -> State:
    return dataclasses.replace(state, held_by=state.held_by | {step.by})


@after.register
def _(_step: SetUp, state: State) -> State:
    return dataclasses.replace(state, up=True)


@after.register
def _(_step: SetDown, state: State) -> State:
    """The kernel drops the interface's routes, and its IPv6 addresses, with the link."""
    kept = frozenset(a for a in state.addresses if ":" not in a.cidr)
    return dataclasses.replace(state, up=False, addresses=kept, routes=())


@after.register
def _(step: SetType, state: State) -> State:
    return dataclasses.replace(state, type=step.type)


@after.register
def _(step: SetCountry, state: State) -> State:
    return dataclasses.replace(state, country=step.country)


@after.register
def _(step: SetSysctl, state: State) -> State:
    """Switching IPv6 off takes its addresses and routes away."""
    state = dataclasses.replace(state, sysctls={**state.sysctls, step.name: step.value})
    if not step.name.endswith("/disable_ipv6") or step.value == "0":
        return state
    kept = frozenset(a for a in state.addresses if ":" not in a.cidr)
    routes = tuple(r for r in state.routes if not r.startswith(_IPV6))
    return dataclasses.replace(state, addresses=kept, routes=routes)


@after.register
def _(step: AddAddress, state: State) -> State:
    address = Address(step.cidr, step.record)
    return dataclasses.replace(state, addresses=state.addresses | {address})


@after.register
def _(step: RemoveAddress, state: State) -> State:
    return dataclasses.replace(state, addresses=state.addresses - {Address(step.cidr)})


@after.register
def _(step: AddRoute, state: State) -> State:
    return dataclasses.replace(state, routes=(*state.routes, step.record))


@after.register
def _(step: RemoveRoute, state: State) -> State:
    left = tuple(route for route in state.routes if route != step.record)
    return dataclasses.replace(state, routes=left)


@after.register
def _(step: LoadTable | UnloadTable, state: State) -> State:
    return dataclasses.replace(state, table=isinstance(step, LoadTable))
