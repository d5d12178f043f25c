"""The radio's side, asked of a kernel that says what it is told to say."""

from __future__ import annotations

import contextlib
import errno
import struct
from typing import TYPE_CHECKING, Self

import pytest

from hotspot.air.nl80211 import Frequency, Station
from hotspot.air.wireless import Wireless, index_of
from tests.hotspot.air.test_nl80211 import APART, PI, attribute, band, centre, commands, flags, u32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hotspot.netlink import Events

Answers = list[dict[int, bytes]]

GET_WIPHY, GET_INTERFACE, SET_INTERFACE = 1, 5, 6
NEW_INTERFACE, DEL_INTERFACE = 7, 8
REQUEST_SET_REG, GET_REG, GET_SCAN, TRIGGER_SCAN = 27, 31, 32, 33
NEW_SCAN_RESULTS, SCAN_ABORTED, REG_CHANGE = 34, 35, 36
WIPHY, IFINDEX, IFNAME, IFTYPE, IFTYPES, ALPHA2, BSS, COMBINATIONS = 1, 3, 4, 5, 32, 33, 47, 120
BANDS, COMMANDS = 22, 50
MAC, STA_INFO, GET_STATION = 6, 21, 17


class FakeEvents:
    """The events of a group, as they will come: command and interface index."""

    def __init__(self, coming: list[tuple[int, int]]) -> None:
        self._coming = coming

    def wait(self, seconds: float, wanted: Callable[[int, Mapping[int, bytes]], bool]) -> bool:
        assert seconds > 0
        return any(wanted(command, {IFINDEX: u32(index)}) for command, index in self._coming)


class FakeWireless(Wireless):
    """nl80211 that answers from a table; `asked` is what it was asked."""

    def __init__(self, answers: dict[int, Answers | OSError], *, exists: bool = True) -> None:
        super().__init__()
        self._answers = answers
        self._exists = exists
        self.asked: list[tuple[int, dict[int, bytes]]] = []
        self.coming: list[tuple[int, int]] = []
        self.groups: list[str] = []
        self.waited = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    @property
    def exists(self) -> bool:
        return self._exists

    def ask(self, command: int, flags: int, payload: Mapping[int, bytes]) -> Answers:
        assert flags >= 0
        self.asked.append((command, dict(payload)))
        answer = self._answers.get(command, [])
        if isinstance(answer, OSError):
            raise answer
        return answer

    @contextlib.contextmanager
    def events(self, group: str) -> Iterator[Events]:
        self.groups.append(group)
        yield FakeEvents(self.coming)  # type: ignore[misc] # its one method


def test_adapters_are_put_together() -> None:
    """Many messages tell of one radio; a radio's second interface has the same abilities."""
    wireless = FakeWireless(
        {
            GET_WIPHY: [
                {WIPHY: u32(0), IFTYPES: flags("station", "ap")},
                {WIPHY: u32(0), COMBINATIONS: PI},
                {WIPHY: u32(0), BANDS: band(0, centre(2412))},
                {WIPHY: u32(0), BANDS: band(0, centre(2417))},
                {WIPHY: u32(0), COMMANDS: commands(1, 102)},
                {WIPHY: u32(1), IFTYPES: flags("station"), COMBINATIONS: APART},
            ],
            GET_INTERFACE: [
                {WIPHY: u32(1), IFINDEX: u32(9), IFNAME: b"wlan1\0"},
                {WIPHY: u32(0), IFINDEX: u32(3), IFNAME: b"wlan0\0"},
                {WIPHY: u32(0)},  # a P2P device: no network interface
            ],
        }
    )

    first, second = wireless.adapters()

    assert (first.interface, first.index, first.phy) == ("wlan0", 3, 0)
    assert first.can_be_access_point
    assert first.can_join_beside
    assert first.announces
    assert [one.mhz for one in first.frequencies] == [2412, 2417]
    assert (second.interface, second.index, second.phy) == ("wlan1", 9, 1)
    assert not second.can_be_access_point
    assert not second.announces
    assert second.frequencies == ()


def test_no_driver_no_adapters() -> None:
    """A kernel without nl80211 has no adapters, and is not asked."""
    wireless = FakeWireless({}, exists=False)

    assert wireless.adapters() == ()
    wireless.set_country("00")
    assert not wireless.asked


def test_type() -> None:
    """What the interface is, by name; and made another, by number."""
    wireless = FakeWireless({GET_INTERFACE: [{IFTYPE: u32(2)}]})

    assert wireless.type(3) == "station"
    wireless.set_type(3, "ap")
    assert wireless.asked[-1] == (SET_INTERFACE, {IFINDEX: u32(3), IFTYPE: u32(3)})


@pytest.mark.parametrize(("now", "waits"), [(b"00\0", True), (b"DE\0", False)])
def test_country(now: bytes, waits: bool) -> None:  # noqa: FBT001 - a table
    """A country is asked for by its two letters; what holds already is not waited for."""
    wireless = FakeWireless({GET_REG: [{ALPHA2: now}]})
    wireless.coming = [(REG_CHANGE, 0)] if waits else []

    wireless.set_country("DE")

    assert wireless.country() == now.rstrip(b"\0").decode()
    assert (REQUEST_SET_REG, {ALPHA2: b"DE\0"}) in wireless.asked
    assert wireless.groups == ["regulatory"]


@pytest.mark.parametrize("end", [NEW_SCAN_RESULTS, SCAN_ABORTED])
@pytest.mark.parametrize("started", [[], OSError(errno.EBUSY, "busy")])
def test_scan(end: int, started: Answers | OSError) -> None:
    """Triggered, or another's joined; waited for; and what was heard is handed on as it is."""
    entries: Answers = [{IFINDEX: u32(3), BSS: b"one"}, {IFINDEX: u32(3)}, {BSS: b"two"}]
    wireless = FakeWireless({TRIGGER_SCAN: started, GET_SCAN: entries})
    wireless.coming = [(NEW_SCAN_RESULTS, 4), (end, 3)]

    assert wireless.scan(3, 5) == [b"one", b"two"]
    (command, payload), *_ = wireless.asked
    assert command == TRIGGER_SCAN
    # One empty name to probe for (a nested attribute without payload).
    assert payload == {IFINDEX: u32(3), 45: attribute(1, b"")}
    assert wireless.groups == ["scan"]


def test_a_scan_that_cannot_be_started() -> None:
    """The reason is the caller's to judge."""
    wireless = FakeWireless({TRIGGER_SCAN: OSError(errno.ENETDOWN, "Network is down")})

    with pytest.raises(OSError, match="down"):
        wireless.scan(3, 5)


@pytest.mark.parametrize(
    ("where", "probes"), [(Frequency(2437), True), (Frequency(5260, radar=True), False)]
)
def test_listening_on_one_channel(where: Frequency, probes: bool) -> None:  # noqa: FBT001 - a table
    """Only there, beside our own beacons; without a word where nothing may be sent unasked."""
    wireless = FakeWireless({GET_SCAN: [{BSS: b"one"}]})
    wireless.coming = [(NEW_SCAN_RESULTS, 3)]

    assert wireless.listen(3, where, 5) == [b"one"]
    (_, payload), *_ = wireless.asked
    # A nested list of one frequency; NL80211_SCAN_FLAG_AP.
    assert payload.pop(44) == attribute(1, u32(where.mhz))
    assert payload.pop(158) == u32(4)
    assert payload == {IFINDEX: u32(3)} | ({45: attribute(1, b"")} if probes else {})


def test_a_channel_waits_its_turn() -> None:
    """Others may scan other channels: ours is tried again when theirs has ended, thrice."""
    wireless = FakeWireless({TRIGGER_SCAN: OSError(errno.EBUSY, "busy")})
    wireless.coming = [(NEW_SCAN_RESULTS, 3)]

    with pytest.raises(OSError, match="another program scans all the time"):
        wireless.listen(3, Frequency(2412), 5)
    assert [command for command, _ in wireless.asked] == [TRIGGER_SCAN] * 3


def test_power_saving() -> None:
    """Asked of the interface, and switched off for it."""
    wireless = FakeWireless({62: [{93: u32(1)}]})
    assert wireless.saves_power(3)
    wireless.stay_awake(3)
    assert wireless.asked == [(62, {IFINDEX: u32(3)}), (61, {IFINDEX: u32(3), 93: u32(0)})]
    assert not FakeWireless({62: [{93: u32(0)}]}).saves_power(3)


def test_stations() -> None:
    """Address, seconds and signal, as the kernel's dump has them; what it leaves out is 0."""
    told = attribute(7, b"\xd6") + attribute(16, u32(17))
    wireless = FakeWireless(
        {GET_STATION: [{MAC: bytes.fromhex("020000000100"), STA_INFO: told}, {MAC: b"\2" * 6}, {}]}
    )

    assert wireless.stations(3) == [
        Station("02:00:00:00:01:00", 17, -42),
        Station("02:02:02:02:02:02", 0, 0),
    ]


def test_the_channels_that_may_be_used() -> None:
    """A band comes in many parts; what is disabled here is left out."""

    def part(*channels: bytes) -> dict[int, bytes]:
        inside = b"".join(attribute(at, one) for at, one in enumerate(channels))
        return {WIPHY: u32(0), BANDS: attribute(0, attribute(1, inside))}

    parts = [
        part(attribute(1, u32(2437))),
        part(attribute(1, u32(2412)), attribute(1, u32(2484)) + attribute(2, b"")),
    ]
    wireless = FakeWireless({GET_WIPHY: list(parts)})

    assert [one.mhz for one in wireless.frequencies(3)] == [2412, 2437]


def test_a_radio_without_an_interface() -> None:
    """One whose interface somebody has removed is found, and given one of that name."""
    wireless = FakeWireless(
        {
            GET_WIPHY: [{WIPHY: u32(0), BANDS: b""}, {WIPHY: u32(2)}, {WIPHY: u32(2)}],
            GET_INTERFACE: [{WIPHY: u32(0), IFINDEX: u32(3), IFNAME: b"wlan0\0"}],
        }
    )
    assert wireless.bare() == [2]

    wireless.add_first(2, "wlan1")
    wanted = {WIPHY: u32(2), IFTYPE: u32(2), IFNAME: b"wlan1\0"}
    assert wireless.asked[-1] == (NEW_INTERFACE, wanted)


def test_a_station_beside_the_access_point() -> None:
    """Another interface on the same radio, by its own name and hardware address; and gone."""
    wireless = FakeWireless({GET_INTERFACE: [{WIPHY: u32(2)}]})
    wireless.add_station(3, "vestibule0", bytes.fromhex("420000000000"))
    wireless.remove(9)

    assert wireless.asked == [
        (GET_INTERFACE, {IFINDEX: u32(3)}),
        (
            NEW_INTERFACE,
            {WIPHY: u32(2), IFTYPE: u32(2), IFNAME: b"vestibule0\0", MAC: b"\x42" + bytes(5)},
        ),
        (DEL_INTERFACE, {IFINDEX: u32(9)}),
    ]


def test_an_interface_that_is_not_there() -> None:
    """Its name has no number."""
    with pytest.raises(OSError, match="no interface wlan99") as error:
        index_of("wlan99")
    assert error.value.errno == errno.ENODEV
    assert struct.calcsize("=I") == len(u32(index_of("lo")))
