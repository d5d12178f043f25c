"""A scan beside the beacons: channel by channel, what is heard meanwhile and nothing older."""

from __future__ import annotations

import errno
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.agent import scanning
from hotspot.agent.port import CannotNow
from hotspot.air.nl80211 import Frequency
from tests.hotspot.air.test_elements import element, rsn
from tests.hotspot.air.test_nl80211 import attribute, bss, i32, u32

CHANNELS = [Frequency(2412), Frequency(2437), Frequency(5260, radar=True)]


def heard(bssid: int, mhz: int, dbm: int, *, name: bytes = b"Home", age: int = 0) -> bytes:
    """One entry of a scan dump, as the kernel writes it."""
    return (
        attribute(1, bytes([2, 0, 0, 0, 0, bssid]))
        + attribute(10, u32(age))
        + bss(
            frequency=u32(mhz),
            capability=b"\x11\x00",
            elements=element(0, name) + rsn(2),
            mbm=i32(100 * dbm),
        )
    )


class FakeWireless:
    """Hears on each channel what it is told to; the dump holds what was heard before, too."""

    def __init__(self, air: dict[int, list[bytes] | OSError]) -> None:
        self.air = air
        self.listened: list[tuple[int, bool]] = []

    def frequencies(self, index: int) -> list[Frequency]:
        assert index == 3
        return CHANNELS

    def listen(self, index: int, where: Frequency, seconds: float) -> list[bytes]:
        assert seconds > 0
        assert index == 3
        self.listened.append((where.mhz, where.passive))
        dump: list[bytes] = []
        for mhz, _ in self.listened:
            found = self.air.get(mhz, [])
            if isinstance(found, OSError):
                raise found
            dump += found
        return dump


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that do not exist need no time."""
    monkeypatch.setattr(scanning, "PAUSE", 0.0)


def listened(wireless: FakeWireless, **given: Any) -> list[Any]:
    """What a scan finds."""
    cancelled = given.pop("cancelled", threading.Event())
    tell = given.pop("tell", lambda _done, _of: None)
    return scanning.listen(wireless, 3, tell, cancelled, **given)


def test_channel_by_channel() -> None:
    """Each once, by probing where that is allowed; every access point once, as last heard."""
    wireless = FakeWireless(
        {2412: [heard(1, 2412, -60), heard(2, 2412, -70)], 5260: [heard(1, 5260, -50), b"noise"]}
    )
    told: list[tuple[int, int]] = []
    found = listened(wireless, tell=lambda done, of: told.append((done, of)))
    assert wireless.listened == [(2412, False), (2437, False), (5260, True)]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert sorted((one.bssid[-1], one.frequency, one.signal) for one in found) == [
        (1, 2412, -60),
        (1, 5260, -50),
        (2, 2412, -70),
    ]
    assert {(one.ssid, one.security) for one in found} == {(b"Home", "wpa2")}


def test_what_has_gone_is_not_found() -> None:
    """The kernel remembers for half a minute; what was heard before the scan does not count."""
    ticks = iter(range(100))
    wireless = FakeWireless({2412: [heard(1, 2412, -60, age=900), heard(2, 2412, -50, age=25_000)]})
    found = listened(wireless, clock=lambda: float(next(ticks)))
    assert [one.bssid[-1] for one in found] == [1]


def test_a_cancelled_scan_gives_what_it_has() -> None:
    """After the channel it was on, it is over."""
    cancelled = threading.Event()
    cancelled.set()
    wireless = FakeWireless({2412: [heard(1, 2412, -60)], 2437: [heard(2, 2437, -60)]})
    assert len(listened(wireless, cancelled=cancelled)) == 1
    assert wireless.listened == [(2412, False)]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EOPNOTSUPP, "this radio cannot listen for networks while it is an access point"),
        (errno.EBUSY, "the radio does not scan now (taken)"),
    ],
)
def test_a_driver_that_does_not(number: int, words: str) -> None:
    """It is said why, in words for a person."""
    wireless = FakeWireless({2437: OSError(number, "taken")})
    with pytest.raises(CannotNow) as reason:
        listened(wireless)
    assert str(reason.value) == words


@pytest.mark.parametrize(
    ("mhz", "worth"),
    [
        (2412, True), (2472, True), (5180, True), (5720, True),
        (5975, True), (6055, True), (7095, True),
        (5955, False), (5995, False), (5935, False), (2400, False), (60480, False),
    ],
)  # fmt: skip
def test_which_channels(mhz: int, worth: bool) -> None:  # noqa: FBT001 - a table
    """All of 2.4 and 5 GHz, of 6 GHz those on which access points call, nothing else."""
    assert scanning.is_worth_it(mhz) is worth


@given(st.lists(st.binary(max_size=200)))
def test_any_air(dump: list[bytes]) -> None:
    """Whatever strangers put on the air, a scan ends with a list."""
    found = listened(FakeWireless({2412: list(dump)}))
    assert len(found) <= len(dump)
