"""The plan on a real kernel: up, killed anywhere, and back, to the last byte `ip` shows.

A wired link stands in for the radio: all but its type and its country is the kernel's own.
"""

from __future__ import annotations

import functools
import itertools
import time
from typing import TYPE_CHECKING, Self

import pytest

from hotspot import nftables, plan
from hotspot.air.wireless import Wireless
from hotspot.errors import Refused
from hotspot.machine import steps
from hotspot.machine.machine import Machine
from hotspot.machine.steps import after
from hotspot.settings import Network
from tests.hotspot import wire
from tests.hotspot.real import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hotspot.machine.steps import State, Step

ADDRESS = "100.64.64.1/22"
DEADLINE = 20.0


class NoRadio(Wireless):
    """Type and country of a link that has neither."""

    def __init__(self) -> None:
        self._type = "station"
        self._country = "00"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def type(self, index: int) -> str:
        assert index
        return self._type

    def set_type(self, index: int, kind: str) -> None:
        assert index
        self._type = kind

    def country(self) -> str:
        return self._country

    def set_country(self, country: str) -> None:
        self._country = country


class WiredMachine(Machine):
    """A machine whose radio is a wire, and which nobody else looks after."""

    def __init__(self, interface: str, own_directory: Path) -> None:
        table = nftables.render(interface, Network().address)
        super().__init__(interface, own_directory, table, NoRadio())


BEFORE = {
    "untouched": [],
    "down": ["ip link set w0 down"],
    "at home": [
        "ip address add 192.168.1.5/24 broadcast + dev w0 label w0:home",
        "ip address add 2001:db8::5/64 dev w0 nodad",
        "ip route add 10.98.0.0/16 dev w0",
        "ip route add 10.97.0.0/16 via 10.98.0.1 dev w0",
        "ip route add default via 192.168.1.1 dev w0 metric 600 proto dhcp",
        "ip -6 route add default via 2001:db8::1 dev w0",
        "ip rule add from 192.168.1.5 lookup 1000",
        "nft add table inet theirs",
    ],
    # NetworkManager's way: the route to the network is its own, in the kernel's name.
    "managed": [
        "ip address add 192.168.1.5/24 dev w0 noprefixroute",
        "ip address add 2001:db8::5/64 dev w0 nodad noprefixroute",
        "ip route add 192.168.1.0/24 dev w0 proto kernel scope link src 192.168.1.5 metric 600",
        "ip route add default via 192.168.1.1 dev w0 proto static metric 600",
        "ip -6 route add 2001:db8::/64 dev w0 proto kernel metric 600",
    ],
    "down with an address": ["ip address add 10.1.1.1/24 dev w0", "ip link set w0 down"],
    "without IPv6": ["sysctl -q net.ipv6.conf.w0.disable_ipv6=1"],
}


@pytest.fixture(params=[*BEFORE.values()], ids=[*BEFORE])
def host(request: pytest.FixtureRequest) -> Iterator[wire.Machine]:
    """A machine as somebody left it, with a wire that has no carrier."""
    program("nft")
    with wire.machines("host", "far") as (host, far):
        peer = ["peer", "name", "w1", "netns", far.name]
        host.run("ip", "link", "add", "w0", "type", "veth", *peer)
        host.run("ip", "link", "set", "w0", "up")
        for words in request.param:
            host.run(*words.split())
        yield host


def shown(host: wire.Machine) -> list[str]:
    """All that may have been changed, as the machine's own programs show it."""
    return [
        host.run(*words.split())
        for words in (
            "ip -j address", "ip -j route show table all", "ip -6 -j route show table all",
            "ip -j rule", "ip -6 -j rule", "nft list ruleset", "sysctl -a -r ^net.ipv[46].conf",
        )
    ]  # fmt: skip


def listening(observed: State) -> State:
    """Ready to scan."""
    return plan.listening(observed, "DE")


def serving(observed: State) -> State:
    """Ready for hostapd."""
    return plan.serving(observed, "DE", ADDRESS)


def way_up(machine: Machine) -> Iterator[Step]:
    """The steps of `prepare`, each given out before it is executed."""
    for phase in (listening, serving):
        observed = machine.observe()
        for step in plan.plan(observed, phase(observed)):
            yield step
            machine.execute(step)


def put_back(machine: Machine, before: State, done: list[Step]) -> None:
    """Undo what was done."""
    for step in plan.undo(machine.observe(), before, done):
        machine.execute(step)


@pytest.mark.netns
def test_every_kill_is_undone(host: wire.Machine, tmp_path: Path) -> None:
    """Killed before or after any step and put back: addresses, routes, rules, tables, sysctls."""
    first = shown(host)
    with host.inside(), WiredMachine("w0", tmp_path) as machine:
        before = machine.observe()
        for kills in itertools.count():
            done = []
            for step in way_up(machine):
                done.append(step)
                if len(done) > kills // 2:
                    if kills % 2:
                        machine.execute(step)
                    break
            else:
                break
            put_back(machine, before, done)
            # The kernel sets an IPv6 address's own route when it gets round to it.
            deadline = time.monotonic() + DEADLINE
            while shown(host) != first and time.monotonic() < deadline:
                pass
            assert shown(host) == first, f"after {done}"
    assert kills >= 10


@pytest.mark.netns
def test_the_model_is_the_kernel(host: wire.Machine, tmp_path: Path) -> None:
    """Up and back again, after each step the model says what this kernel says."""
    with host.inside(), WiredMachine("w0", tmp_path) as machine:
        before = machine.observe()
        wanted = serving(before)
        up = plan.plan(before, wanted)
        assert follow(machine, before, up) == wanted
        down = plan.undo(machine.observe(), before, up)
        assert follow(machine, wanted, down) == before


def follow(machine: Machine, model: State, to_do: tuple[Step, ...]) -> State:
    """Execute each step on both and compare."""
    for step in to_do:
        machine.execute(step)
        model = after(step, model)
        assert machine.observe() == model, step
    return functools.reduce(lambda state, _: state, to_do, model)


@pytest.mark.netns
def test_executing_again_changes_nothing(host: wire.Machine, tmp_path: Path) -> None:
    """Every step of the way may be executed twice, as after a kill."""
    with host.inside(), WiredMachine("w0", tmp_path) as machine:
        before = machine.observe()
        for step in way_up(machine):
            machine.execute(step)
        done = plan.plan(before, machine.observe())
        for step in plan.undo(machine.observe(), before, done):
            machine.execute(step)
            machine.execute(step)
        assert machine.observe() == before


@pytest.mark.netns
def test_an_interface_that_is_gone(tmp_path: Path) -> None:
    """A step on it is refused by its name, and it is known not to be there."""
    with wire.machines("host") as (host,), host.inside(), WiredMachine("w9", tmp_path) as machine:
        assert not machine.is_there()
        with pytest.raises(Refused, match=r"w9: SetUp\(\) failed \(no interface w9\)"):
            machine.execute(steps.SetUp())


@pytest.mark.netns
def test_a_table_that_nft_refuses(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """nft's own words are in the log, and the refusal names the remedy."""
    program("nft")
    with wire.machines("host") as (host,), host.inside(), Machine("w0", tmp_path, "nonsense") as m:
        with pytest.raises(Refused, match="nft refused"):
            m.execute(steps.LoadTable())
        assert "nonsense" in capfd.readouterr().err
