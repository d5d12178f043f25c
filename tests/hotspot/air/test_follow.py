"""Ways to make room for a home network on another channel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.air import follow
from hotspot.air.nl80211 import Adapter, Combination, Frequency

BESIDE = Combination(((1, frozenset({"station"})), (1, frozenset({"ap"}))), 2, 1)
ONE = Combination(((1, frozenset({"station", "ap"})),), 1, 1)
TWO = replace(BESIDE, channels=2)

FREQUENCIES = (
    *(Frequency(2407 + 5 * number) for number in range(1, 13)),
    Frequency(2472, no_ir=True),
    Frequency(2484, disabled=True),
    Frequency(5180),
    Frequency(5200),
    Frequency(5260, radar=True, no_ir=True),
    Frequency(5955),
)
# A simulated radio, and a Raspberry Pi's: beside each other on one channel, no announcement.
HWSIM = Adapter("wlan0", 3, 0, frozenset({"ap", "station"}), (BESIDE,), True, FREQUENCIES)
PI = replace(HWSIM, announces=False)
EITHER = replace(HWSIM, combinations=(ONE,))
WIDE = replace(HWSIM, combinations=(TWO,))

ALL = ["announce", "restart", "return"]
AGAIN = ["restart", "return"]
BACK = ["return"]


@pytest.mark.parametrize(
    ("radio", "at", "home", "wish", "hows"),
    [
        # The same channel, or room for two: nothing to do.
        (HWSIM, 2437, 2437, "auto", []),
        (PI, 2437, 2437, "auto", []),
        (WIDE, 2437, 2462, "auto", []),
        (WIDE, 2437, 5180, "auto", []),
        # Another channel of the same band.
        (HWSIM, 2437, 2462, "auto", ALL),
        (PI, 2437, 2462, "auto", AGAIN),
        (HWSIM, 5180, 5200, "auto", ALL),
        # From 2.4 to 5 GHz: back to where every phone sees it. The other way round, anew.
        (HWSIM, 2437, 5180, "auto", BACK),
        (HWSIM, 2437, 5180, "announce", BACK),
        (HWSIM, 5180, 2437, "auto", AGAIN),
        # Where no access point may be, or not soon enough, or nobody would look.
        (HWSIM, 5180, 5260, "auto", BACK),
        (HWSIM, 2437, 2472, "auto", BACK),
        (HWSIM, 2437, 2484, "restart", BACK),
        (HWSIM, 2437, 5955, "auto", BACK),
        (HWSIM, 2437, 5500, "auto", BACK),
        (HWSIM, 2437, 2413, "auto", BACK),
        # One thing or the other.
        (EITHER, 2437, 2437, "auto", BACK),
        (EITHER, 2437, 2462, "announce", BACK),
        # What the settings say.
        (HWSIM, 2437, 2437, "return", BACK),
        (WIDE, 2437, 2462, "return", BACK),
        (HWSIM, 2437, 2462, "restart", AGAIN),
        (HWSIM, 2437, 5180, "restart", AGAIN),
        (HWSIM, 2437, 5260, "restart", BACK),
        (HWSIM, 2437, 2462, "announce", ALL),
        (PI, 2437, 2462, "announce", AGAIN),
        (HWSIM, 2437, 2437, "restart", []),
        (HWSIM, 2437, 2437, "announce", []),
    ],
)
def test_the_ways(radio: Adapter, at: int, home: int, wish: str, hows: list[str]) -> None:
    """Each radio, each pair of channels, each wish has its ways, the best first."""
    found = follow.ways(radio, at, home, wish)

    assert [way.how for way in found] == hows
    assert [way.frequency for way in found] == [at if h == "return" else home for h in hows]
    assert all(way.why for way in found)


@pytest.mark.parametrize(
    ("home", "words"),
    [
        (5180, "without 5 GHz"),
        (5260, "channel 52 needs a minute of listening for radar"),
        (2472, "no access point may begin on channel 13"),
        (2484, "may not use channel 14"),
        (5955, "on 6 GHz"),
    ],
)
def test_a_detour_says_why(home: int, words: str) -> None:
    """What the log says names the channel and the reason."""
    (way,) = follow.ways(HWSIM, 2437, home)

    assert words in way.why


adapters = st.builds(
    Adapter,
    st.just("wlan0"),
    st.just(3),
    st.just(0),
    st.just(frozenset({"ap", "station"})),
    st.lists(st.sampled_from([BESIDE, ONE, TWO]), max_size=2).map(tuple),
    st.booleans(),
    st.lists(
        st.builds(
            Frequency,
            st.sampled_from([one.mhz for one in FREQUENCIES]),
            disabled=st.booleans(),
            no_ir=st.booleans(),
            radar=st.booleans(),
        ),
        max_size=8,
    ).map(tuple),
)
centres = st.sampled_from([one.mhz for one in FREQUENCIES])
wishes = st.sampled_from(["auto", "announce", "restart", "return"])


@given(adapters, centres, centres, wishes)
def test_no_radio_is_led_astray(radio: Adapter, at: int, home: int, wish: str) -> None:
    """Never to a channel with radar or rules against it, never an announcement across bands or
    by a radio without one; and the last way is always one that works."""  # noqa: D209
    found = follow.ways(radio, at, home, wish)

    if found:
        assert found[-1] == replace(found[-1], how="return", frequency=at)
    for way in found[:-1]:
        (there,) = {one for one in radio.frequencies if one.mhz == way.frequency == home}
        assert not any([there.disabled, there.no_ir, there.radar])
        assert radio.can_join_beside
        if way.how == "announce":
            assert radio.announces
            assert (at < 3000) == (home < 3000)


@pytest.mark.parametrize(
    ("heard", "chosen"),
    [
        # The channel we are on first, then one to be announced, though others are stronger.
        ([(5180, -30), (2437, -70), (2462, -40)], 2437),
        ([(5180, -30), (2462, -60), (2412, -50)], 2412),
        # Too weak is no bargain, unless there is nothing else.
        ([(5180, -40), (2437, -80)], 5180),
        ([(5180, -85), (2437, -80)], 2437),
        ([(5260, -50)], 5260),
    ],
)
def test_the_nearest(heard: list[tuple[int, float]], chosen: int) -> None:
    """Of a network's access points the one that costs the page's reader least."""
    assert follow.nearest(HWSIM, 2437, heard) == chosen
    assert follow.nearest(HWSIM, 2437, heard[::-1]) == chosen


def test_the_announcement() -> None:
    """hostapd's words: after five beacons, with 802.11n, as tried with hostapd 2.10."""
    assert follow.announcement(2462) == "CHAN_SWITCH 5 2462 ht"
