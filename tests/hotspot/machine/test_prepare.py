"""prepare: on file first, and repaired when run again."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING, cast

import pytest

from hotspot import hostapd
from hotspot import settings as house
from hotspot.air import scan
from hotspot.air.nl80211 import Adapter
from hotspot.errors import Refused
from hotspot.machine import journal, steps
from hotspot.machine import prepare as preparing
from hotspot.machine.restore import restore
from tests.certificates import NAME, Shop, shop
from tests.hotspot.air.test_scan import AIR
from tests.hotspot.fakes import FakeMachine, opening
from tests.hotspot.machine.preparing import SETTINGS, Said, work
from tests.hotspot.test_plan import FRESH

if TYPE_CHECKING:
    from pathlib import Path

    from hotspot.air.wireless import Wireless
    from hotspot.machine.steps import Step


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
