"""The bench in memory keeps the promises of the port."""

from __future__ import annotations

import pytest

from portal.bench.devices.states import State
from portal.bench.port import Claims, Devices, Refused, Report, Sighting, Step, Verb, Wall
from tests.portal.bench.fakes import FakeBench, artifact


def test_it_is_a_bench() -> None:
    """It can stand wherever the port's protocols are asked for (mypy reads this too)."""
    bench = FakeBench()
    devices: Devices = bench
    wall: Wall = bench

    assert devices.ticket("x") is None
    assert wall.row("x") is None


def test_a_device_goes_its_way_in_memory() -> None:
    """It is flashed in a slot, comes back with the new version, and is done on that evidence."""
    bench = FakeBench(most=1, artifacts={"lamp": artifact()})
    bench.expect("a", mac="02:00:00:00:00:01")
    bench.expect("b", serial="SN2")
    first = Sighting(Claims("100.64.64.9", mac="02:00:00:00:00:01"), "ours")
    second = Sighting(Claims("100.64.64.8", serial="SN2"), "ours")

    turn = bench.see(first)
    assert turn.ticket is not None
    assert bench.ticket(turn.ticket.code) == turn.ticket
    assert bench.see(second).verb is Verb.WAIT

    assert bench.report("a", Report(Step.REBOOTING))
    assert bench.see(second).verb is Verb.FLASH
    done = bench.see(Sighting(first.claims, "ours", version="2.0"))
    assert (done.verb, done.state) == (Verb.REST, State.PROVISIONED)
    assert bench.ticket(turn.ticket.code) is None
    number, rows = bench.rows(bench.number - 1)
    assert (number, [row.id for row in rows]) == (bench.number, ["a"])
    with pytest.raises(Refused, match="failed"):
        bench.act("a", "retry", "Ann")
