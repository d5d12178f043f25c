"""The access point's channel, and numbers to frequencies and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import channel
from hotspot.channel import Heard
from hotspot.config.values import CHANNELS_2GHZ, CHANNELS_5GHZ


def heard(*networks: tuple[int, float]) -> list[Heard]:
    """Networks by their 2.4 or 5 GHz channel and signal."""
    return [Heard(b"x", signal, channel.frequency_of(number)) for number, signal in networks]


NOBODY: list[Heard] = []


@pytest.mark.parametrize(
    ("networks", "chosen"),
    [
        (NOBODY, 1),
        (heard((9, -40)), 9),
        (heard((1, -80), (4, -50), (11, -51)), 4),
        # What is stronger on 5 or 6 GHz does not count.
        (heard((36, -20), (6, -80)), 6),
        ([Heard(b"x", -20, 5975)], 1),
        # The strongest on 12 to 14: least use instead. 12 and 13 lean on 11, not on 6.
        (heard((13, -40), (1, -80)), 6),
        (heard((13, -40), (1, -60), (6, -60)), 11),
        (heard((14, -40), (6, -50), (1, -80)), 11),
        (heard((12, -30), (1, -60), (6, -70)), 6),
        # Many weak ones outweigh one stronger.
        (heard((13, -30), *[(1, -75)] * 5, (6, -65)), 6),
        # Between two channels of the three, both suffer.
        (heard((13, -30), (3, -50), (4, -50)), 11),
        # Too weak to disturb anybody.
        (heard((13, -30), (1, -95), (6, -91)), 1),
    ],
)
def test_the_best_channel(networks: list[Heard], chosen: int) -> None:
    """The strongest network's channel if all phones know it, else the least used of three."""
    assert channel.choose(None, networks) == chosen


@pytest.mark.parametrize("wanted", [1, 13, 36, 165])
def test_the_wanted_channel(wanted: int) -> None:
    """A channel in the settings is taken, whatever is heard."""
    assert channel.choose(wanted, heard((6, -30))) == wanted


networks = st.lists(
    st.builds(Heard, st.binary(max_size=32), st.floats(-110, 0), st.integers(2000, 8000)),
    max_size=30,
)


@given(networks)
def test_any_scan_gives_a_channel_every_phone_knows(scan: list[Heard]) -> None:
    """Whatever the air holds, odd frequencies and all, the choice is 1 to 11."""
    assert channel.choose(None, scan) in range(1, 12)


@given(networks, st.randoms(use_true_random=False))
def test_the_order_of_a_scan_does_not_matter(scan: list[Heard], shuffler: object) -> None:
    """The same networks heard in another order give the same use of each channel."""
    shuffled = list(scan)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    for number in channel.APART:
        assert channel.use(number, shuffled) == pytest.approx(channel.use(number, scan))


# From the regulatory tables of IEEE 802.11-2020 annex E and `iw list` of two adapters.
@pytest.mark.parametrize(
    ("number", "frequency", "band"),
    [
        (1, 2412, "2.4 GHz"),
        (6, 2437, "2.4 GHz"),
        (13, 2472, "2.4 GHz"),
        (14, 2484, "2.4 GHz"),
        (36, 5180, "5 GHz"),
        (64, 5320, "5 GHz"),
        (100, 5500, "5 GHz"),
        (144, 5720, "5 GHz"),
        (165, 5825, "5 GHz"),
        (177, 5885, "5 GHz"),
        (1, 5955, "6 GHz"),
        (2, 5935, "6 GHz"),
        (233, 7115, "6 GHz"),
    ],
)
def test_frequencies(number: int, frequency: int, band: str) -> None:
    """Known channels have their known centres and bands."""
    assert channel.channel_of(frequency) == number
    assert channel.band(frequency) == band
    if band != "6 GHz":
        assert channel.frequency_of(number) == frequency


@pytest.mark.parametrize("frequency", [0, -5, 2407, 2413, 2477, 5155, 5890, 7120, 58320])
def test_no_channel_there(frequency: int) -> None:
    """Between channels and outside of the bands there is none."""
    assert channel.channel_of(frequency) is None
    assert channel.band(frequency) is None


@pytest.mark.parametrize("number", [*CHANNELS_2GHZ, *CHANNELS_5GHZ])
def test_every_channel_of_the_settings_has_a_frequency(number: int) -> None:
    """What the settings allow converts there and back."""
    assert channel.channel_of(channel.frequency_of(number)) == number


@pytest.mark.parametrize("number", [0, -1, 15, 31, 178, 10**9])
def test_no_frequency(number: int) -> None:
    """A number that is no channel says so."""
    with pytest.raises(ValueError, match=f"no channel {number}"):
        channel.frequency_of(number)
