"""The access point makes room: against a hostapd without a radio, and a kernel that looks at it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotspot import hostapd
from hotspot.air import follow
from hotspot.channel import frequency_of
from hotspot.uplink import moving
from hotspot.uplink.moving import GRACE, Interface, SharedRadio
from hotspot.uplink.outcome import Moved
from hotspot.uplink.room import NoRoom
from tests.hotspot.air.test_follow import EITHER, HWSIM, PI, WIDE
from tests.hotspot.uplink.hostapds import FakeHostapd, FakeKernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hotspot.air.nl80211 import Adapter
    from hotspot.air.wireless import Wireless
    from hotspot.netlink import Links
    from hotspot.uplink.room import Room

CONFIGURATION = "interface=wlan0\nhw_mode=g\nchannel=6\nwmm_enabled=1\n"


class Scene:
    """A room, and what is around it; `paused` is how long its readers were given."""

    def __init__(self, daemon: FakeHostapd, runtime: Path, radio: Adapter, wish: str) -> None:
        self.daemon = daemon
        self.kernel = FakeKernel(daemon)
        self.paused: list[float] = []
        self.file = runtime / hostapd.FILE
        self.file.write_text(CONFIGURATION)
        self.room: Room = SharedRadio(radio, self.kernel, runtime, wish, self.paused.append)

    def makes(self, number: int) -> list[Moved]:
        """Make room for a network on this channel: all that was told."""
        return list(self.room.make(frequency_of(number)))

    def on_file(self) -> list[str]:
        """The lines of hostapd's configuration, sorted."""
        return sorted(self.file.read_text().splitlines())


EVERY = {1, 6, 11, 36}
ABLE = {"announce", "move"}


@contextlib.contextmanager
def scene(
    tmp_path: Path,
    radio: Adapter = HWSIM,
    wish: str = "auto",
    does: set[str] = ABLE,
    allowed: set[int] = EVERY,
) -> Iterator[Scene]:
    """A running access point on channel 6."""
    (tmp_path / hostapd.CONTROL).mkdir()
    with FakeHostapd(tmp_path / hostapd.CONTROL / "wlan0", does, allowed) as daemon:
        yield Scene(daemon, tmp_path, radio, wish)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes is not waited for as long as in life."""
    monkeypatch.setattr(moving, "_MOVE_SECONDS", 0.2)


def test_by_announcement(tmp_path: Path) -> None:
    """hostapd is asked to announce, the kernel is asked whether it was done, nobody waits."""
    with scene(tmp_path) as told:
        assert told.makes(11) == [Moved("announce", 11)]

        assert told.daemon.channel == 11
        assert follow.announcement(2462) in told.daemon.asked
        assert "DISABLE" not in told.daemon.asked
        assert told.on_file() == ["channel=11", "hw_mode=g", "interface=wlan0", "wmm_enabled=1"]
        assert told.paused == []
        assert told.room.look() is None
        told.room.leave()
        assert told.daemon.channel == 11


def test_what_is_told_is_told_before(tmp_path: Path) -> None:
    """When the page hears of a move, the access point is still where it was."""
    with scene(tmp_path, radio=PI) as told:
        coming = told.room.make(frequency_of(11))

        assert next(coming) == Moved("restart", 11)
        assert (told.daemon.channel, told.paused) == (6, [])
        assert list(coming) == []
        assert (told.daemon.channel, told.paused) == (11, [GRACE])


@pytest.mark.parametrize("does", [set[str](), {"announce"}])
def test_an_announcement_that_fails(tmp_path: Path, does: set[str]) -> None:
    """Refused, or taken and not done: the access point starts anew on the channel."""
    with scene(tmp_path, does=does) as told:
        assert told.makes(11) == [Moved("announce", 11), Moved("restart", 11)]

        assert (told.daemon.state, told.daemon.channel) == ("ENABLED", 11)
        assert "channel=11" in told.on_file()


def test_a_restart_that_fails(tmp_path: Path) -> None:
    """It leaves the air, and is back on its channel when the attempt is over."""
    with scene(tmp_path, radio=PI, allowed={6}) as told:
        assert told.makes(11) == [Moved("restart", 11), Moved("return", 6)]

        assert (told.daemon.state, told.kernel.up) == ("DISABLED", False)
        told.room.leave()
        assert (told.daemon.state, told.daemon.channel, told.kernel.up) == ("ENABLED", 6, True)
        assert "channel=6" in told.on_file()


@pytest.mark.parametrize(("radio", "wish"), [(EITHER, "auto"), (HWSIM, "return")])
def test_leaving_and_coming_back(tmp_path: Path, radio: Adapter, wish: str) -> None:
    """Off the air while the station tries, with the link down; afterwards as before."""
    with scene(tmp_path, radio=radio, wish=wish) as told:
        assert told.makes(11) == [Moved("return", 6)]
        assert (told.daemon.state, told.kernel.up) == ("DISABLED", False)
        assert told.room.look() is None

        told.room.leave()
        assert (told.daemon.state, told.daemon.channel, told.kernel.up) == ("ENABLED", 6, True)
        told.room.leave()
        assert told.daemon.asked.count("ENABLE") == 1


def test_away_whatever_it_says(tmp_path: Path) -> None:
    """A driver that promised both and has only one: off the air, told beforehand, and back."""
    with scene(tmp_path) as told:
        assert list(told.room.away()) == [Moved("return", 6)]
        assert told.paused == [GRACE]
        assert (told.daemon.state, told.kernel.up) == ("DISABLED", False)

        told.room.leave()
        assert (told.daemon.state, told.daemon.channel, told.kernel.up) == ("ENABLED", 6, True)


def test_to_5_ghz(tmp_path: Path) -> None:
    """Where the settings insist, the configuration says what 5 GHz needs."""
    with scene(tmp_path, wish="restart") as told:
        assert told.makes(36) == [Moved("restart", 36)]

        assert {"channel=36", "hw_mode=a", "ieee80211h=1"} <= {*told.on_file()}
        assert "SET hw_mode a" in told.daemon.asked


@pytest.mark.parametrize(("radio", "number"), [(HWSIM, 6), (WIDE, 11)])
def test_nothing_to_do(tmp_path: Path, radio: Adapter, number: int) -> None:
    """On the same channel, or with room for two, hostapd is not even asked."""
    with scene(tmp_path, radio=radio) as told:
        assert told.makes(number) == []
        told.room.leave()
        assert told.daemon.asked == []


def test_a_driver_that_moves_it_by_itself(tmp_path: Path) -> None:
    """It is noticed, told once, and on file for the next hostapd."""
    with scene(tmp_path) as told:
        told.makes(6)
        told.kernel.elsewhere = 2412

        assert told.room.look() == Moved("announce", 1)
        assert told.room.look() is None
        assert "channel=1" in told.on_file()


def test_an_access_point_that_vanished(tmp_path: Path) -> None:
    """A driver that stopped it when the station associated: it is brought back at the end."""
    with scene(tmp_path) as told:
        told.makes(6)
        told.daemon.state = "DISABLED"

        assert told.room.look() is None
        told.room.leave()
        assert told.daemon.state == "ENABLED"


def test_no_way_back(tmp_path: Path) -> None:
    """An access point that does not come back is ended, for its supervisor to start anew."""
    with scene(tmp_path, wish="return") as told:
        told.makes(11)
        told.daemon.allowed.clear()

        with pytest.raises(NoRoom, match="starts anew"):
            told.room.leave()
        assert told.daemon.asked[-1] == "TERMINATE"


def test_no_access_point(tmp_path: Path) -> None:
    """Without one on the air, or without its radio, there is nothing to move."""
    with scene(tmp_path) as told:
        told.daemon.state = "DISABLED"
        with pytest.raises(NoRoom, match="not on the air"):
            told.makes(11)
        with pytest.raises(NoRoom, match="not on the air"):
            told.room.nearest([(2462, -40)])


def test_a_hostapd_that_died(tmp_path: Path) -> None:
    """Every way fails with a word, and the attempt is told that there is no room."""
    with scene(tmp_path) as told:
        told.daemon.die()
        with pytest.raises(NoRoom, match="neither move nor leave"):
            told.makes(11)


def test_the_nearest(tmp_path: Path) -> None:
    """Of a network on two bands the one that needs no detour, from where we are now."""
    with scene(tmp_path) as told:
        assert told.room.nearest([(5180, -30), (2462, -60)]) == 2462
        assert told.room.nearest([(2462, -30), (2437, -60)]) == 2437


class FakeWireless:
    """An interface on a channel."""

    def frequency(self, index: int) -> int:
        return 2400 + index


class FakeLinks:
    """A link that was pulled."""

    def set_up(self, index: int, *, up: bool) -> None:
        raise OSError(19, f"no such device {index} {up}")


def test_the_kernel_is_asked_about_the_interface() -> None:
    """By its number, which it has anew after it was pulled and put back in."""
    wireless: Wireless = FakeWireless()  # type: ignore[assignment] # its one method
    links: Links = FakeLinks()  # type: ignore[assignment] # its one method
    loopback = Interface(wireless, links, "lo")

    assert loopback.frequency() == 2401
    with pytest.raises(OSError, match="device 1 True"):
        loopback.set_up(up=True)
    with pytest.raises(OSError, match="no interface"):
        Interface(wireless, links, "wlan99").frequency()


def test_a_radio_that_was_pulled(tmp_path: Path) -> None:
    """What the kernel no longer knows is on no channel."""
    with scene(tmp_path) as told:
        wireless: Wireless = FakeWireless()  # type: ignore[assignment] # its one method
        links: Links = FakeLinks()  # type: ignore[assignment] # its one method
        gone = SharedRadio(
            replace(HWSIM, interface="wlan99"),
            Interface(wireless, links, "wlan99"),
            tmp_path,
            "auto",
            told.paused.append,
        )
        with pytest.raises(NoRoom, match="not on the air"):
            list(gone.make(2462))
