"""The two errands: is the home network on the air, and getting onto it."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest

from hotspot import settings as house
from hotspot.agent import joining, scanning
from hotspot.agent.joining import FILE
from hotspot.air import scan
from hotspot.air.nl80211 import Adapter
from hotspot.channel import Heard
from hotspot.errors import Refused
from hotspot.home import homeward, homewatch
from hotspot.machine import journal
from hotspot.machine.journal import Journal
from hotspot.machine.steps import State
from hotspot.owner.port import Kept, Owner
from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, How, Moved, Outcome, Step, Went
from hotspot.uplink.room import Room
from tests.hotspot.agent.test_radio import kernel
from tests.hotspot.air.test_nl80211 import u32
from tests.hotspot.air.test_wireless import MAC, FakeWireless

HOME = Kept("k", b"Home")
CONNECTED = Ended(
    outcome=Outcome.CONNECTED, step=Step.KEPT, key="k", address="192.168.1.5/24", hostname="pi"
)
LOST = Ended(outcome=Outcome.LOST, step=Step.KEPT, key="k")
DEADLINE = 0.5


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that do not exist need no time."""
    monkeypatch.setattr(scanning, "PAUSE", 0.0)


def look(runtime: Path, wireless: FakeWireless, kept: Kept | None = HOME) -> bool:
    """A look from the machine's loopback, which this kernel takes for a radio."""
    return homeward.look(kept, "lo", runtime, lambda: wireless)


def test_it_is_heard(tmp_path: Path) -> None:
    """The network is on the air and nobody on ours; the page's list is fresh, too."""
    assert look(tmp_path, kernel(stations=[]))
    (network,) = json.loads((tmp_path / scan.FILE).read_text())["networks"]
    assert network["ssid"] == b"Home".hex()


def test_another_one_is_heard(tmp_path: Path) -> None:
    """A network of another name is none to go to."""
    assert not look(tmp_path, kernel(stations=[]), Kept("k", b"Elsewhere"))


def test_somebody_is_on(tmp_path: Path) -> None:
    """The radio does not even listen elsewhere: nobody's page stalls for that."""
    wireless = kernel(stations=[{MAC: u32(1) + b"\0\0"}])

    assert not look(tmp_path, wireless)
    assert wireless.groups == []


def test_nothing_is_kept(tmp_path: Path) -> None:
    """Nothing to look for."""
    assert not look(tmp_path, kernel(stations=[]), None)


def test_a_radio_that_cannot_listen_beside(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It leaves the air to find out, and says so."""
    unable = OSError(errno.EOPNOTSUPP, "Operation not supported")

    assert look(tmp_path, kernel(stations=[], trigger=unable))
    assert "cannot listen for networks" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("names", "there"),
    [([b"Home"], True), ([b"", b"Else"], True), ([b"home", b"Home "], False), ([], False)],
)
def test_names(names: list[bytes], there: bool) -> None:  # noqa: FBT001 - a table
    """Byte for byte; one that hides its name may be the one."""
    heard = [Heard(name, -50, 2412) for name in names]

    assert homeward.is_there(b"Home", heard) is there


class FakeOwner:
    """Settles, does not, or refuses to try."""

    def __init__(self, *, settles: bool | None) -> None:
        self._settles = settles

    def settle(self, interface: str, seconds: float) -> bool:
        assert interface == "lo"
        assert seconds == DEADLINE
        if self._settles is None:
            raise Refused("NetworkManager does not answer", "start it")
        return self._settles


def on_file(runtime: Path, *events: outcome.Event) -> None:
    """The last join, as its agent has left it."""
    joining.write(runtime / FILE, "k", [outcome.written(event) for event in events])


def last(runtime: Path) -> outcome.Event:
    """How that join has ended, as the next agent will tell."""
    return outcome.read(json.loads((runtime / FILE).read_text())["events"][-1])


@pytest.mark.parametrize(
    ("settles", "network", "end"),
    [(True, True, CONNECTED), (False, True, LOST), (True, False, LOST), (None, True, LOST)],
)
def test_settling(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settles: bool | None,  # noqa: FBT001 - a table
    network: bool,  # noqa: FBT001 - a table
    end: Ended,
) -> None:
    """Joined and with a route in time, or the join that brought it has ended as lost."""
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: network)
    on_file(tmp_path, Went(Step.KEPT, "done"), CONNECTED)
    owner: Owner = FakeOwner(settles=settles)  # type: ignore[assignment] # what of it is asked here

    assert homeward.settle(owner, "lo", tmp_path, DEADLINE) is (end is CONNECTED)
    assert last(tmp_path) == end


def test_only_a_success_is_lost(tmp_path: Path) -> None:
    """A join that failed keeps its reason; where there was none, none is made up."""
    failed = Ended(outcome=Outcome.WRONG_PASSWORD, step=Step.AUTHENTICATED, key="k")
    on_file(tmp_path, failed)
    joining.lose(tmp_path)
    assert last(tmp_path) == failed

    (tmp_path / FILE).unlink()
    joining.lose(tmp_path)
    assert not (tmp_path / FILE).exists()


class FakeRoom:
    """Makes room by these ways, each of which fails but the last; `gone` is what was begun."""

    def __init__(self, *hows: How) -> None:
        self._hows = hows
        self.gone: list[str] = []

    def nearest(self, heard: Sequence[tuple[int, float]]) -> int:
        return max(heard, key=lambda one: one[1])[0]

    def make(self, frequency: int) -> Iterator[Moved]:
        assert frequency == 2462
        for how in self._hows:
            yield Moved(how, 11)
            self.gone.append(how)


@pytest.mark.parametrize(
    ("hows", "room", "gone"),
    [
        ((), True, []),
        (("announce",), True, ["announce"]),
        (("announce", "restart"), True, ["announce", "restart"]),
        # Whoever is on the access point is not sent away for this.
        (("return",), False, []),
        (("restart", "return"), False, ["restart"]),
    ],
)
def test_room_beside(hows: tuple[How, ...], room: bool, gone: list[str]) -> None:  # noqa: FBT001 - a table
    """It may move for the home network, and start anew for it, but not leave."""
    fake = FakeRoom(*hows)
    port: Room = fake  # type: ignore[assignment] # what of it is asked here
    ours = [Heard(b"Home", -50, 2462), Heard(b"Home", -80, 2412)]

    assert homeward.makes_room(port, ours) is room
    assert fake.gone == gone


def test_room_for_a_network_that_hides() -> None:
    """Where it is not known: it is tried where we are."""
    port: Room = FakeRoom("return")  # type: ignore[assignment] # what of it is asked here
    assert homeward.makes_room(port, [])


def test_waiting_for_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not there in time is not there; there is there at once."""
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: False)
    assert not homeward.on_a_network("lo", time.monotonic() + 0.05)
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: True)
    assert homeward.on_a_network("lo", time.monotonic() + 60)


def test_which_interface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the run, where there is one; else the one that a run would take."""
    settings = house.parse('[radio]\ncountry = "DE"\n', file="test")
    adapters = [Adapter("wlan3", 5, 0, frozenset({"ap"}))]

    class Radios:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def adapters(self) -> list[Adapter]:
            return adapters

    monkeypatch.setattr(homeward, "Wireless", Radios)
    assert homeward.in_use(settings, tmp_path) == "wlan3"

    journal.write(tmp_path, Journal(State(interface="wlan9", type="station", up=False)))
    assert homeward.in_use(settings, tmp_path) == "wlan9"
