"""A machine without a kernel: `hotspot.machine.machine.Machine`'s port, by the kernel's own rules.

Written apart from the model in `hotspot.machine.steps`, so that the one can be held against the
other.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hotspot.machine import steps
from hotspot.machine.machine import Machine
from hotspot.machine.steps import Address, State, Step

if TYPE_CHECKING:
    from collections.abc import Callable

SWITCH = "net/ipv6/conf/wlan0/disable_ipv6"


class Killed(BaseException):
    """The process is gone in the middle of its work."""


class FakeMachine(Machine):
    """Keeps a `State`; refuses what the kernel refuses; `log` is every step that was executed."""

    def __init__(self, state: State) -> None:
        self.type, self.up, self.country = state.type, state.up, state.country
        self.addresses = {a.cidr: a for a in state.addresses}
        self.routes = list(state.routes)
        self.sysctls = dict(state.sysctls)
        self.table = state.table
        self.held_by = set(state.held_by)
        self.interface = state.interface
        self.gone = False
        self.air: list[bytes] | OSError = []
        self.log: list[Step] = []
        self.scans = 0
        self.before: Callable[[Step], None] = lambda _: None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def is_there(self) -> bool:
        return not self.gone

    def observe(self, told: frozenset[str] = frozenset()) -> State:
        del told
        return State(
            interface=self.interface,
            type=self.type,
            up=self.up,
            addresses=frozenset(self.addresses.values()),
            routes=tuple(self.routes),
            sysctls=dict(self.sysctls),
            country=self.country,
            table=self.table,
            held_by=frozenset(self.held_by),
        )

    def scan(self, seconds: float) -> list[bytes]:
        del seconds
        self.scans += 1
        if not self.up:
            raise OSError(errno.ENETDOWN, "Network is down")
        if isinstance(self.air, OSError):
            raise self.air
        return self.air

    def execute(self, step: Step) -> None:
        self.before(step)
        self.log.append(step)
        match step:
            case steps.SetUp():
                self.up = True
            case steps.SetDown():
                self._down()
            case steps.SetType(kind):
                self._become(kind)
            case steps.SetCountry(country):
                self.country = country
            case steps.SetSysctl(name, value):
                self._switch(name, value)
            case _:
                self._furnish(step)

    def _furnish(self, step: Step) -> None:
        match step:
            case steps.AddAddress(cidr, record):
                self._add(Address(cidr, record))
            case steps.RemoveAddress(cidr, _):
                self.addresses.pop(cidr, None)
            case steps.AddRoute(record):
                self._route(record)
            case steps.RemoveRoute(record):
                self.routes = [route for route in self.routes if route != record]
            case steps.LoadTable() | steps.UnloadTable():
                self.table = isinstance(step, steps.LoadTable)
            case steps.Unmanage(by):
                self.held_by.discard(by)
            case steps.Manage(by):
                self.held_by.add(by)

    def _down(self) -> None:
        self.up = False
        self.routes.clear()
        self._flush_ipv6()

    def _flush_ipv6(self) -> None:
        self.addresses = {cidr: a for cidr, a in self.addresses.items() if ":" not in cidr}
        self.routes = [route for route in self.routes if not route.startswith("0a")]

    def _become(self, kind: str) -> None:
        if self.up and kind != self.type:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self.type = kind

    def _switch(self, name: str, value: str) -> None:
        self.sysctls[name] = value
        if name == SWITCH and value == "1":
            self._flush_ipv6()

    def _add(self, address: Address) -> None:
        if ":" in address.cidr and self.sysctls.get(SWITCH) == "1":
            raise OSError(errno.EACCES, "Permission denied")
        self.addresses.setdefault(address.cidr, address)

    def _route(self, record: str) -> None:
        if not self.up:
            raise OSError(errno.ENETDOWN, "Network is down")
        if record not in self.routes:
            self.routes.append(record)


class PulledAdapter(FakeMachine):
    """The dongle was pulled: nothing about the interface can be done any more."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.gone = True

    def observe(self, told: frozenset[str] = frozenset()) -> State:
        raise OSError(errno.ENODEV, f"No such device, {told}")


def opening(machine: Machine) -> Callable[[str, Path], Machine]:
    """What `restore` opens a machine by."""
    return lambda _interface, _directory: machine
