"""restore: put back from anywhere, nothing of ours left, nothing guessed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hotspot import dnsmasq, hostapd
from hotspot.errors import Refused
from hotspot.machine import journal, steps
from hotspot.machine.journal import Journal
from hotspot.machine.restore import restore
from hotspot.machine.steps import Address
from tests.hotspot.fakes import FakeMachine, Killed, PulledAdapter, opening
from tests.hotspot.machine.preparing import SETTINGS, Said, work
from tests.hotspot.test_plan import FRESH, states

if TYPE_CHECKING:
    from pathlib import Path

    from hotspot.machine.steps import State, Step

DOWN_WITH_IPV6 = dataclasses.replace(FRESH, addresses=frozenset({Address("2001:db8::5/64")}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
# Found here: restore takes the address away before the link goes down, and was killed just then.
@example(DOWN_WITH_IPV6, 2, 1)
@given(states(), st.integers(0, 20), st.integers(0, 20))
def test_killed_anywhere_and_put_back(
    tmp_path: Path, before: State, first: int, second: int
) -> None:
    """Killed once in prepare and once in restore: a second restore gives the state of before."""
    machine = FakeMachine(before)

    def die_after(steps_made: int) -> None:
        left = iter(range(steps_made))

        def count(step: Step) -> None:
            if next(left, None) is None:
                raise Killed(step)

        machine.before = count

    die_after(first)
    try:
        run = work(machine, tmp_path)
        run.listen(SETTINGS, Said())
        run.serve(SETTINGS)
    except Killed:
        pass
    die_after(second)
    try:
        restore(tmp_path, Said(), opening(machine))
    except Killed:
        machine.before = lambda _: None
        restore(tmp_path, Said(), opening(machine))

    assert machine.observe() == before
    assert [*tmp_path.iterdir()] == []


def test_restore_leaves_nothing(tmp_path: Path) -> None:
    """What prepare, hostapd and dnsmasq left is removed; what others keep there stays."""
    machine = FakeMachine(FRESH)
    run = work(machine, tmp_path)
    run.listen(SETTINGS, Said())
    run.serve(SETTINGS)
    for name in (hostapd.FILE, hostapd.NAME, dnsmasq.FILE, dnsmasq.LEASES, "control-00ff", "lock"):
        (tmp_path / name).write_text("")
    (tmp_path / hostapd.CONTROL).mkdir()
    (tmp_path / hostapd.CONTROL / "wlan0").write_text("")
    (tmp_path / "released").mkdir()
    (tmp_path / "released" / "100.64.64.20").write_text("")

    restore(tmp_path, Said(), opening(machine))

    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    assert machine.observe() == FRESH
    # And again: nothing to do.
    machine.log.clear()
    restore(tmp_path, Said(), opening(machine))
    assert machine.log == []


def test_a_step_back_that_fails(tmp_path: Path) -> None:
    """The others are made all the same, it is said, and the journal stays for another try."""
    machine, said = FakeMachine(FRESH), Said()
    run = work(machine, tmp_path)
    run.listen(SETTINGS, Said())
    run.serve(SETTINGS)

    def refuse(step: Step) -> None:
        if isinstance(step, steps.UnloadTable):
            raise Refused("nft is gone", "install it")

    machine.before = refuse
    with pytest.raises(Refused, match="not everything"):
        restore(tmp_path, said, opening(machine))

    assert said == ["restore: nft is gone"]
    assert machine.observe() == dataclasses.replace(FRESH, table=True)
    machine.before = lambda _: None
    restore(tmp_path, said, opening(machine))
    assert machine.observe() == FRESH


def test_an_adapter_that_was_pulled(tmp_path: Path) -> None:
    """What does not hang on the interface is put back without it."""
    machine = PulledAdapter(dataclasses.replace(FRESH, table=True, country="DE"))
    done = (steps.SetCountry("DE"), steps.SetUp(), steps.LoadTable())
    journal.write(tmp_path, Journal(FRESH, done))

    restore(tmp_path, Said(), opening(machine))

    assert machine.log == [steps.UnloadTable(), steps.SetCountry("00")]
    assert [*tmp_path.iterdir()] == []


def test_a_damaged_journal_stops_both(tmp_path: Path) -> None:
    """Nothing is done by guessing: not by restore, not by prepare."""
    (tmp_path / journal.FILE).write_text("{")

    with pytest.raises(Refused, match="damaged"):
        restore(tmp_path, Said(), opening(FakeMachine(FRESH)))
    with pytest.raises(Refused, match="damaged"):
        journal.read(tmp_path)
