"""nl80211's bytes: adapters' abilities and scan entries."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.air import nl80211
from hotspot.air.nl80211 import Adapter, Combination, Frequency, Heard, attributes


def attribute(kind: int, payload: bytes) -> bytes:
    """One attribute, padded."""
    return struct.pack("=HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


def u32(number: int) -> bytes:
    """A number as attributes hold it."""
    return struct.pack("=I", number)


def i32(number: int) -> bytes:
    """A number with a sign."""
    return struct.pack("=i", number)


def flags(*names: str) -> bytes:
    """Interface types as a nested list of flags."""
    return b"".join(attribute(nl80211.TYPES.index(name), b"") for name in names)


def limit(most: int, *names: str) -> bytes:
    """One limit of a combination, in the list it stands in."""
    return attribute(1, attribute(1, u32(most)) + attribute(2, flags(*names)))


def combination(limits: bytes, most: int, channels: int) -> bytes:
    """One interface combination, in the list it stands in."""
    inside = attribute(1, limits) + attribute(2, u32(most)) + attribute(4, u32(channels))
    return attribute(1, inside)


def commands(*numbers: int) -> bytes:
    """NL80211_ATTR_SUPPORTED_COMMANDS: a list counted from one."""
    return b"".join(attribute(at, u32(number)) for at, number in enumerate(numbers, start=1))


def band(number: int, *channels: bytes) -> bytes:
    """One band of NL80211_ATTR_WIPHY_BANDS with its channels, rates beside them."""
    listed = b"".join(attribute(at, channel) for at, channel in enumerate(channels))
    return attribute(number, attribute(2, b"\x01\x02\x03") + attribute(1, listed))


def centre(mhz: int, *flags: int) -> bytes:
    """One channel: its centre, its flags without payload, and its power in mBm."""
    return (
        attribute(1, u32(mhz)) + b"".join(attribute(f, b"") for f in flags) + attribute(6, u32(9))
    )


def bss(**given: bytes) -> bytes:
    """A scan entry."""
    numbers = {"frequency": 2, "capability": 5, "elements": 6, "mbm": 7, "rough": 8, "beacon": 11}
    return b"".join(attribute(numbers[name], value) for name, value in given.items())


# A Raspberry Pi's brcmfmac, and what the simulated radio says with one channel.
PI = combination(limit(1, "station") + limit(1, "ap") + limit(1, "p2p_device"), 3, 1)
APART = combination(limit(1, "station", "ap"), 1, 1)
MANY = combination(limit(1, "adhoc") + limit(2048, "station", "ap", "mesh_point"), 2048, 1)


@pytest.mark.parametrize(
    ("data", "beside"), [(PI, True), (APART, False), (MANY, True), (b"", False)]
)
def test_whether_a_station_may_run_beside(data: bytes, beside: bool) -> None:  # noqa: FBT001
    """One radio may be access point and station at once, if a combination has room for both."""
    adapter = Adapter("wlan0", 3, 0, frozenset({"ap"}), nl80211.combinations(data))

    assert adapter.can_join_beside is beside


def test_a_combination_is_read_whole() -> None:
    """Limits, the most of all, and the number of channels."""
    assert nl80211.combinations(PI + APART) == (
        Combination(
            tuple((1, frozenset({name})) for name in ("station", "ap", "p2p_device")), 3, 1
        ),
        Combination(((1, frozenset({"station", "ap"})),), 1, 1),
    )


def test_types_unknown_to_us_are_left_out() -> None:
    """A newer kernel's interface type is no reason to stumble."""
    data = flags("station", "ap") + attribute(99, b"")

    assert nl80211.types(data) == {"station", "ap"}
    assert Adapter("wlan0", 3, 0, nl80211.types(data)).can_be_access_point
    assert not Adapter("wlan0", 3, 0, nl80211.types(flags("station"))).can_be_access_point


@pytest.mark.parametrize(
    ("data", "channels"),
    [(PI, 1), (APART, 0), (APART + PI, 1), (PI + combination(limit(2, "station", "ap"), 2, 2), 2)],
)
def test_channels_at_once(data: bytes, channels: int) -> None:
    """The best of the combinations with room for both counts."""
    adapter = Adapter("wlan0", 3, 0, frozenset({"ap"}), nl80211.combinations(data))

    assert adapter.channels_beside == channels


@pytest.mark.parametrize(
    ("data", "able"),
    [(commands(5, 102, 15), True), (commands(5, 15, 103), False), (b"", False), (b"\x05", False)],
)
def test_whether_a_move_can_be_announced(data: bytes, able: bool) -> None:  # noqa: FBT001
    """NL80211_CMD_CHANNEL_SWITCH, among the commands that the driver has."""
    assert nl80211.announces(data) is able


def test_channels_and_their_rules() -> None:
    """Each channel once, in rising order, with the flags that the country puts on it."""
    data = band(1, centre(5180), centre(5260, 3, 4, 5), centre(5500, 2))
    # The kernel tells of a band a few channels at a time, and may repeat itself.
    data += band(0, centre(2412)) + band(0, centre(2472, 3)) + band(0, centre(2412))

    assert nl80211.frequencies(data) == (
        Frequency(2412),
        Frequency(2472, no_ir=True),
        Frequency(5180),
        Frequency(5260, no_ir=True, radar=True),
        Frequency(5500, disabled=True),
    )
    assert [one.passive for one in nl80211.frequencies(data)] == [False, True, False, True, False]


ENTRIES = [
    (
        bss(frequency=u32(2437), capability=b"\x11\x04", elements=b"abc", mbm=i32(-5250)),
        Heard(2437, -52.5, privacy=True, elements=b"abc"),
    ),
    (
        bss(frequency=u32(5180), capability=b"\x01\x00", mbm=i32(-9000), beacon=b"xyz"),
        Heard(5180, -90.0, privacy=False, elements=b"xyz"),
    ),
    # A driver that knows no unit: 0 to 100.
    (bss(frequency=u32(2412), rough=b"\x64"), Heard(2412, -50.0, privacy=False, elements=b"")),
    (bss(frequency=u32(2412), rough=b"\x00"), Heard(2412, -100.0, privacy=False, elements=b"")),
    # Neither where nor how loud: not heard.
    (bss(frequency=u32(2412)), None),
    (bss(mbm=u32(0)), None),
    (b"", None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), ENTRIES)
def test_scan_entries(data: bytes, expected: Heard | None) -> None:
    """Frequency, signal, privacy and elements, by whichever attribute says them."""
    assert nl80211.heard(data) == expected


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=40))))
def test_attributes_are_read_as_they_were_written(written: list[tuple[int, bytes]]) -> None:
    """Whatever attributes are put in a row come out again, without their padding."""
    data = b"".join(attribute(kind, payload) for kind, payload in written)

    assert list(attributes(data)) == written


@given(st.binary(max_size=400))
def test_any_bytes_are_an_answer(data: bytes) -> None:
    """Nothing raises on bytes that are no attributes."""
    found = nl80211.heard(data)

    assert found is None or found.elements in data
    assert nl80211.types(data) <= {*nl80211.TYPES}
    for one in nl80211.combinations(data):
        one.allows("ap", "station")
    assert isinstance(nl80211.announces(data), bool)
    centres = [one.mhz for one in nl80211.frequencies(data)]
    assert centres == sorted(set(centres))
