"""The real radio in front of a kernel and an owner that do what they are told."""

from __future__ import annotations

import contextlib
import errno
import json
import socket
import threading
from pathlib import Path

import pytest

from hotspot import hostapd, settings
from hotspot.agent import scanning
from hotspot.agent.port import CannotEver, CannotNow
from hotspot.agent.radio import RealRadio
from hotspot.air import scan
from hotspot.errors import Refused
from hotspot.home import household
from hotspot.machine import journal
from hotspot.machine.journal import Journal
from hotspot.machine.steps import State
from hotspot.owner.port import Kept, Owner
from hotspot.settings import Settings
from hotspot.supervisor import sockets
from hotspot.uplink.wanted import Wanted
from tests.hotspot.agent.fakes import HOME
from tests.hotspot.agent.test_scanning import heard
from tests.hotspot.air.test_nl80211 import attribute, flags, u32
from tests.hotspot.air.test_wireless import (
    BANDS,
    BSS,
    GET_INTERFACE,
    GET_SCAN,
    GET_STATION,
    GET_WIPHY,
    IFINDEX,
    IFNAME,
    IFTYPES,
    MAC,
    NEW_SCAN_RESULTS,
    TRIGGER_SCAN,
    WIPHY,
    Answers,
    FakeWireless,
)
from tests.hotspot.daemons import FakeDaemon

SETTINGS = settings.parse('[radio]\ncountry = "DE"\n', file="test")
LOOPBACK = 1
BAND = attribute(0, attribute(1, attribute(0, attribute(1, u32(2437)))))


class FakeOwner:
    """Keeps what it is told to have kept; `refusal` is what it says instead."""

    def __init__(self) -> None:
        self.home: Kept | None = Kept("k", b"Home")
        self.refusal: Refused | None = None
        self.interfaces: list[str] = []
        self.unfit: Refused | None = None
        self.keeps: list[tuple[str, str]] = []

    def opened(self, given: Settings, interface: str, runtime: Path) -> Owner:
        assert given is SETTINGS
        assert runtime.is_dir()
        self.interfaces.append(interface)
        if self.refusal:
            raise self.refusal
        return self  # type: ignore[return-value] # what of it is asked here

    def check(self, wanted: Wanted) -> None:
        assert wanted is HOME
        if self.unfit:
            raise self.unfit

    def keep(self, wanted: Wanted, key: str, interface: str) -> None:
        self.keeps.append((key, interface))
        self.home = Kept(key, wanted.ssid)

    def kept(self) -> Kept | None:
        return self.home

    def forget(self) -> bytes | None:
        found, self.home = self.home, None
        return found.ssid if found else None


def kernel(**more: Answers | OSError) -> FakeWireless:
    """A kernel with one radio, whose interface is called as the machine's loopback is."""
    answers: dict[int, Answers | OSError] = {
        GET_WIPHY: [{WIPHY: u32(0), IFTYPES: flags("ap", "station"), BANDS: BAND}],
        GET_INTERFACE: [{WIPHY: u32(0), IFINDEX: u32(LOOPBACK), IFNAME: b"lo\0"}],
        GET_SCAN: [{BSS: heard(1, 2437, -60)}],
        GET_STATION: [{MAC: bytes.fromhex("020000000100")}],
    }
    named = {"trigger": TRIGGER_SCAN, "stations": GET_STATION, "interfaces": GET_INTERFACE}
    wireless = FakeWireless(answers | {named[name]: value for name, value in more.items()})
    wireless.coming = [(NEW_SCAN_RESULTS, LOOPBACK)]
    return wireless


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that do not exist need no time."""
    monkeypatch.setattr(scanning, "PAUSE", 0.0)


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """The directory of a run whose access point is there."""
    before = State(interface="lo", type="station", up=True, country="DE")
    journal.write(tmp_path, Journal(before))
    return tmp_path


def radio(runtime: Path, wireless: FakeWireless, owner: FakeOwner | None = None) -> RealRadio:
    """The radio in front of them."""
    return RealRadio(SETTINGS, runtime, lambda: wireless, (owner or FakeOwner()).opened)


def scanned(one: RealRadio, cancelled: threading.Event | None = None) -> list[bytes]:
    """The names that a scan hears."""
    found = one.scan(lambda _done, _of: None, cancelled or threading.Event())
    return [each.ssid for each in found]


def test_a_scan_is_written_for_the_page(runtime: Path) -> None:
    """What is heard takes the place of the list of before."""
    assert scanned(radio(runtime, kernel())) == [b"Home"]
    (network,) = json.loads((runtime / scan.FILE).read_text())["networks"]
    assert (network["ssid"], network["bssids"], network["channel"]) == ("486f6d65", 1, 6)


def test_the_list_stays_when_the_radio_says_no(runtime: Path) -> None:
    """What `prepare` has found is better than nothing; so it is when a join cuts a scan short."""
    (runtime / scan.FILE).write_text("before")
    refusing = kernel(trigger=OSError(errno.EOPNOTSUPP, "Operation not supported"))
    with pytest.raises(CannotNow, match="cannot listen for networks while it is an access point"):
        scanned(radio(runtime, refusing))
    cancelled = threading.Event()
    cancelled.set()
    assert scanned(radio(runtime, kernel()), cancelled) == [b"Home"]
    assert (runtime / scan.FILE).read_text() == "before"


def test_stations(runtime: Path) -> None:
    """As the kernel has them."""
    (one,) = radio(runtime, kernel()).stations()
    assert one.address == "02:00:00:00:01:00"


def test_a_station_is_sent_off_and_let_back(runtime: Path) -> None:
    """By hostapd's own list, which is asked for what it has done."""
    address = "02:00:00:00:01:00"
    place = runtime / hostapd.CONTROL / "lo"
    place.parent.mkdir()
    one = radio(runtime, kernel())
    replies = {f"DENY_ACL ADD_MAC {address}": "OK\n", f"DEAUTHENTICATE {address}": "FAIL\n"}
    with FakeDaemon(place, replies) as daemon:
        one.dismiss(address)
        one.readmit(address)
        with pytest.raises(CannotNow, match="refuses DENY_ACL"):
            one.dismiss("02:00:00:00:01:02")
        asked = list(daemon.asked)
    with pytest.raises(CannotNow, match="hostapd does not answer"):
        one.dismiss(address)

    assert asked[:3] == [
        f"DENY_ACL ADD_MAC {address}",
        f"DEAUTHENTICATE {address}",
        f"DENY_ACL DEL_MAC {address}",
    ]


def test_without_an_access_point_nobody_is_sent_off(tmp_path: Path) -> None:
    """As while the machine is at home."""
    with pytest.raises(CannotNow, match="there is no access point now"):
        radio(tmp_path, kernel()).dismiss("02:00:00:00:01:00")


@pytest.mark.parametrize("act", ["scan", "stations"])
def test_without_an_access_point(tmp_path: Path, act: str) -> None:
    """Nothing is prepared, as while the machine is at home: said in words."""
    one = radio(tmp_path, kernel())
    with pytest.raises(CannotNow, match="there is no access point now"):
        scanned(one) if act == "scan" else one.stations()


def test_an_adapter_that_was_pulled(runtime: Path) -> None:
    """The kernel's reason is passed on."""
    gone = kernel(stations=OSError(errno.ENODEV, "No such device"))
    with pytest.raises(CannotNow, match=r"does not work now \(No such device\)"):
        radio(runtime, gone).stations()


def test_the_home_network_is_the_owner_s(runtime: Path) -> None:
    """Kept and forgotten by whoever looks after this interface."""
    owner = FakeOwner()
    one = radio(runtime, kernel(), owner)
    assert one.kept() == Kept("k", b"Home")
    assert one.forget() == b"Home"
    assert one.forget() is None
    assert set(owner.interfaces) == {"lo"}


def test_the_home_network_without_an_access_point(tmp_path: Path) -> None:
    """At home there is no journal: the interface is the one that would be chosen."""
    owner = FakeOwner()
    assert radio(tmp_path, kernel(), owner).kept() == Kept("k", b"Home")
    assert owner.interfaces == ["lo"]
    with pytest.raises(CannotNow, match="no Wi-Fi adapter"):
        radio(tmp_path, kernel(interfaces=[])).kept()


def test_an_owner_that_refuses(runtime: Path) -> None:
    """Its words are passed on."""
    owner = FakeOwner()
    owner.refusal = Refused("NetworkManager does not answer", "start it")
    with pytest.raises(CannotNow, match="NetworkManager does not answer: start it"):
        radio(runtime, kernel(), owner).kept()


def test_where_a_network_was_heard(runtime: Path) -> None:
    """The list for the page says where to look first; a damaged one says nothing."""
    one = radio(runtime, kernel())
    scanned(one)
    assert one._known(b"Home") == [2437]
    assert one._known(b"Other") == []
    for text in ("", "[]", '{"networks": [{}]}', '{"networks": 1}'):
        (runtime / scan.FILE).write_text(text)
        assert one._known(b"Home") == []


def rung(bell: socket.socket) -> list[str]:
    """The words that the household has heard."""
    words = []
    with contextlib.suppress(BlockingIOError):
        while True:
            words.append(bell.recv(64, socket.MSG_DONTWAIT).decode())
    return words


def test_the_household_hears(tmp_path: Path) -> None:
    """Of a join's begin and its end, however that is, and of a network that is forgotten."""
    one = radio(tmp_path, kernel())
    with sockets.doorbell(str(tmp_path / household.SOCKET)) as bell:
        with pytest.raises(CannotNow):
            one.join("k", HOME, lambda _event: None, threading.Event())
        assert rung(bell) == ["begun", "ended"]
        one.forget()
        assert rung(bell) == ["forgotten"]


def test_what_the_household_says(tmp_path: Path) -> None:
    """Its word is the state; before it has said one, the access point serves."""
    one = radio(tmp_path, kernel())
    assert one.state() == "serving"
    (tmp_path / household.FILE).write_text("lingering")
    assert one.state() == "lingering"


@pytest.mark.parametrize("owner", ["", "wpa_supplicant"])
def test_a_network_is_kept_untried(runtime: Path, owner: str) -> None:
    """By the owner it would have after a join, for the same interface; the air is not touched."""
    mine = FakeOwner()
    radio(runtime, kernel(), mine).keep("one", HOME, owner)

    assert (mine.keeps, mine.home) == ([("one", "lo")], Kept("one", HOME.ssid))


def test_not_by_another_owner(runtime: Path) -> None:
    """Where somebody else looks after the networks here, nothing is written, and that is said."""
    mine = FakeOwner()
    with pytest.raises(CannotNow, match="in the hands of wpa_supplicant, not networkmanager"):
        radio(runtime, kernel(), mine).keep("one", HOME, "networkmanager")
    assert mine.keeps == []


def test_a_network_that_nobody_can_keep(runtime: Path) -> None:
    """It is the network's fault, and not that of this moment."""
    mine = FakeOwner()
    mine.unfit = Refused("this network cannot be kept", "choose a network without WEP")
    with pytest.raises(CannotEver, match="without WEP"):
        radio(runtime, kernel(), mine).keep("one", HOME, "")
    assert mine.keeps == []


def test_kept_beside_the_access_point(runtime: Path) -> None:
    """Where the access point stays for good, it is for the station beside it."""
    mine = FakeOwner()
    lasting = settings.parse('[radio]\ncountry = "DE"\nlinger = "forever"\n', file="test")
    one = RealRadio(lasting, runtime, kernel, lambda *_: mine)  # type: ignore[arg-type] # likewise
    one.keep("one", HOME, "")

    assert mine.keeps == [("one", "vestibule0")]
