"""prepare and restore: on file first, repaired when run again, put back from anywhere."""

from __future__ import annotations

import dataclasses
import errno
import json
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hotspot import dnsmasq, hostapd
from hotspot import settings as house
from hotspot.air import scan
from hotspot.air.nl80211 import Adapter
from hotspot.errors import Refused
from hotspot.machine import journal, steps
from hotspot.machine import prepare as preparing
from hotspot.machine.journal import Journal
from hotspot.machine.prepare import Preparation
from hotspot.machine.restore import restore
from hotspot.machine.steps import Address
from tests.certificates import NAME, Shop, shop
from tests.hotspot.air.test_scan import AIR
from tests.hotspot.fakes import FakeMachine, Killed, PulledAdapter, opening
from tests.hotspot.test_plan import FRESH, states

if TYPE_CHECKING:
    from pathlib import Path

    from hotspot.air.wireless import Wireless
    from hotspot.machine.steps import State, Step

SETTINGS = house.parse('[radio]\ncountry = "DE"\n', file="test")


class Said(list[str]):
    """The lines that were said."""

    def __call__(self, line: str) -> None:
        self.append(line)


def work(machine: FakeMachine, runtime: Path) -> Preparation:
    """A run of prepare on a machine, going on with the journal that is there."""
    found = journal.read(runtime) or Journal(machine.observe())
    return Preparation(machine, runtime, found)


def test_on_file_before_it_is_done(tmp_path: Path) -> None:
    """When a step is executed, the journal already ends with it, and names the state of before."""
    machine = FakeMachine(FRESH)

    def look(step: Step) -> None:
        found = journal.read(tmp_path)
        assert found is not None
        assert step in found.done
        assert found.before == FRESH

    machine.before = look
    run = work(machine, tmp_path)
    run.listen(SETTINGS, Said())
    run.serve(SETTINGS)

    assert machine.observe().type == "ap"


def test_what_was_heard(tmp_path: Path) -> None:
    """The scan happens as a station with its link up, and leaves its list for the page."""
    machine = FakeMachine(FRESH)
    machine.air = AIR

    heard = work(machine, tmp_path).listen(SETTINGS, Said())

    assert len(heard) == 6
    assert len(json.loads((tmp_path / scan.FILE).read_text())["networks"]) == 4
    assert (machine.type, machine.up) == ("station", True)


def test_a_radio_that_hears_nothing(tmp_path: Path) -> None:
    """A scan that fails is said and does not stop the start: the list is there, and empty."""
    machine, said = FakeMachine(FRESH), Said()
    machine.air = OSError(errno.EOPNOTSUPP, "Operation not supported")

    assert work(machine, tmp_path).listen(SETTINGS, said) == []

    assert said == ["prepare: no scan (Operation not supported): the list of networks is empty"]
    assert json.loads((tmp_path / scan.FILE).read_text()) == {"networks": []}


def test_again_while_all_is_up(tmp_path: Path) -> None:
    """Nothing to do is nothing done; what hostapd took down is mended, and the journal holds."""
    machine = FakeMachine(FRESH)
    first = work(machine, tmp_path)
    first.listen(SETTINGS, Said())
    first.serve(SETTINGS)
    machine.log.clear()

    work(machine, tmp_path).serve(SETTINGS)
    assert machine.log == []

    machine.execute(steps.SetDown())
    machine.execute(steps.SetType("station"))
    machine.log.clear()
    work(machine, tmp_path).serve(SETTINGS)
    assert machine.log == [steps.SetType("ap"), steps.SetUp()]
    restore(tmp_path, Said(), opening(machine))
    assert machine.observe() == FRESH


def test_what_a_killed_join_has_left_goes_first(tmp_path: Path) -> None:
    """Its station interface before the access point's own changes type, and its folder."""
    machine = FakeMachine(FRESH)
    run = work(machine, tmp_path)
    run.listen(SETTINGS, Said())
    run.serve(SETTINGS)
    (tmp_path / "uplink").mkdir()
    cleared: list[int] = []
    restore(tmp_path, Said(), opening(machine), lambda: cleared.append(len(machine.log)))
    assert cleared
    assert cleared[0] < len(machine.log)
    assert not (tmp_path / "uplink").exists()
    restore(tmp_path, Said(), opening(machine), lambda: cleared.append(0))
    assert len(cleared) == 1


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


@pytest.mark.parametrize(
    ("text", "channel"),
    [("interface=wlan0\nchannel=6\nwmm_enabled=1\n", 6), ("interface=wlan0\n", None), (None, None)],
)
def test_the_channel_in_use(tmp_path: Path, text: str | None, channel: int | None) -> None:
    """hostapd's own configuration says where we are; without one there has to be a scan."""
    if text is not None:
        (tmp_path / hostapd.FILE).write_text(text)

    assert preparing.channel_in_use(tmp_path) == channel


def with_tls(made: Shop, name: str = NAME) -> house.Portal:
    """The settings of the web side with a certificate."""
    files = (str(made.site.certificate), str(made.site.key))
    return house.Portal(name=name, certificate=files[0], key=files[1])


def test_a_certificate_is_looked_at_at_the_start(tmp_path: Path) -> None:
    """A good one is taken with a word on what it means for iOS; a wrong one ends the start."""
    made, said = shop(tmp_path), Said()

    preparing.check_certificate(with_tls(made), said)
    assert said[-1] == (
        f"prepare: iOS now asks https://{NAME}/captive-portal/api instead of probing: "
        "if that fails, no sheet opens"
    )
    with pytest.raises(Refused, match=f"the certificate is not for www.{NAME}"):
        preparing.check_certificate(with_tls(made, f"www.{NAME}"), said)


def test_without_a_certificate_there_is_nothing_to_say() -> None:
    """The default is the default: no look at OpenSSL, no line."""
    said = Said()
    preparing.check_certificate(house.Portal(), said)
    assert said == []


class Radios:
    """A fake of nl80211: interfaces by name, and radios that have none."""

    def __init__(self, *names: str, bare: tuple[int, ...] = ()) -> None:
        self._names = names
        self._bare = bare
        self.made: list[tuple[int, str]] = []

    def adapters(self) -> list[Adapter]:
        return [Adapter(name, 3, 0, frozenset()) for name in self._names]

    def bare(self) -> list[int]:
        return [*self._bare]

    def add_first(self, phy: int, name: str) -> None:
        self.made.append((phy, name))


@pytest.mark.parametrize(
    ("radios", "made"),
    [
        (Radios("wlan0", bare=(1,)), []),
        (Radios("wlan1", bare=(4, 5)), [(4, "wlan0")]),
        (Radios("wlan1"), []),
    ],
)
def test_an_interface_that_somebody_removed(radios: Radios, made: list[tuple[int, str]]) -> None:
    """In the middle of a run it is made again, on the radio that has none; a pulled one is not."""
    preparing._make_anew(cast("Wireless", radios), "wlan0")
    assert radios.made == made
