"""Stations that join and leave are told in one line each, by one hostapd after the other."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.air.stations import Stations, told
from hotspot.supervisor.loop import Loop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE = 20


class FakeHostapd:
    """The control socket of a hostapd on wlan0: answers ATTACH, then says what it is told."""

    def __init__(self, runtime: Path) -> None:
        self._path = runtime / "hostapd" / "wlan0"
        self._path.parent.mkdir(exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._socket.settimeout(DEADLINE)
        self._thread = threading.Thread(target=self._attach)
        self._thread.start()

    def _attach(self) -> None:
        command, self._client = self._socket.recvfrom(64)
        self._socket.sendto(b"OK\n" if command == b"ATTACH" else b"FAIL\n", self._client)

    def say(self, event: bytes) -> None:
        """Send an event to whoever has attached."""
        self._thread.join(DEADLINE)
        self._socket.sendto(event, self._client)

    def close(self) -> None:
        self._thread.join(DEADLINE)
        self._socket.close()


@pytest.fixture
def stations() -> Iterator[tuple[Stations, Loop]]:
    """Stations on a loop of their own, closed at the end."""
    loop = Loop()
    stations = Stations(loop)
    yield stations, loop
    stations.close()
    loop.close()


def turn(loop: Loop) -> None:
    """One turn, with a deadline."""
    loop.turn(time.monotonic() + DEADLINE)


@pytest.mark.parametrize(
    ("datagram", "line"),
    [
        (b"<3>AP-STA-CONNECTED 02:00:00:00:01:00", "station 02:00:00:00:01:00 joined"),
        (b"<3>AP-STA-DISCONNECTED 02:AB:00:00:01:00", "station 02:ab:00:00:01:00 left"),
        (
            b"<3>AP-STA-CONNECTED 02:00:00:00:01:00 keyid=\x1b[2J",
            "station 02:00:00:00:01:00 joined",
        ),
        (b"<3>AP-STA-CONNECTED \x1b[2J:00:00:01:00:00", ""),
        (b"<3>AP-STA-CONNECTED 02:00", ""),
        (b"<3>AP-STA-POSSIBLE-PSK-MISMATCH 02:00:00:00:01:00", ""),
        (b"AP-STA-CONNECTED 02:00:00:00:01:00", ""),
        (b"OK\n", ""),
        (b"", ""),
    ],
)
def test_what_an_event_tells(datagram: bytes, line: str) -> None:
    """A whole address after one of two names; nothing else that comes over the air is shown."""
    assert told(datagram) == line


@given(st.binary())
def test_any_datagram_is_one_harmless_line(datagram: bytes) -> None:
    """hostapd repeats what stations say: none of it reaches the log but an address."""
    assert told(b"<3>AP-STA-CONNECTED " + datagram).isprintable()


def test_joining_and_leaving_are_told(
    tmp_path: Path, stations: tuple[Stations, Loop], capfd: pytest.CaptureFixture[str]
) -> None:
    """Each of the two events is a line with the station's address; others are not."""
    watched, loop = stations
    with contextlib.closing(FakeHostapd(tmp_path)) as hostapd:
        watched.watch(str(tmp_path), "wlan0")
        turn(loop)  # the reply to ATTACH
        for event in (
            b"<3>AP-STA-CONNECTED 02:00:00:00:01:00",
            b"<3>WPS-AP-SETUP-UNLOCKED",
            b"<3>AP-STA-DISCONNECTED 02:00:00:00:01:00",
        ):
            hostapd.say(event)
            turn(loop)
    assert capfd.readouterr().err.splitlines() == [
        "vestibule: station 02:00:00:00:01:00 joined",
        "vestibule: station 02:00:00:00:01:00 left",
    ]


def test_they_are_counted(tmp_path: Path) -> None:
    """How many there are is told when that changes; off the air there is nobody, whatever was."""
    told_: list[tuple[int, bool]] = []
    loop = Loop()
    watched = Stations(loop, lambda count, silent: told_.append((count, silent)))
    with contextlib.closing(FakeHostapd(tmp_path)) as hostapd:
        watched.watch(str(tmp_path), "wlan0")
        turn(loop)  # the reply to ATTACH
        for event in (
            b"<3>AP-STA-CONNECTED 02:00:00:00:01:00",
            b"<3>AP-STA-CONNECTED 02:00:00:00:01:00",  # anew, without having left
            b"<3>AP-STA-CONNECTED 02:00:00:00:02:00",
            b"<3>AP-STA-DISCONNECTED 02:00:00:00:03:00",
            b"<3>AP-STA-DISCONNECTED 02:00:00:00:01:00",
            b"<3>AP-DISABLED ",
            b"<3>AP-ENABLED ",
            b"<3>WPS-AP-SETUP-UNLOCKED",
        ):
            hostapd.say(event)
            turn(loop)
    watched.close()
    loop.close()
    assert told_ == [(0, False), (1, False), (2, False), (1, False), (0, True), (0, False)]


def test_the_next_hostapd_is_watched_instead(
    tmp_path: Path, stations: tuple[Stations, Loop], capfd: pytest.CaptureFixture[str]
) -> None:
    """After a restart the new one's events are told, and no socket file is left over."""
    watched, loop = stations
    for number in (1, 2):
        with contextlib.closing(FakeHostapd(tmp_path)) as hostapd:
            watched.watch(str(tmp_path), "wlan0")
            turn(loop)  # the reply to ATTACH
            hostapd.say(b"<3>AP-STA-CONNECTED 02:00:00:00:01:0%d" % number)
            turn(loop)
    assert capfd.readouterr().err.count(" joined\n") == 2
    watched.close()
    assert [path.name for path in tmp_path.iterdir()] == ["hostapd"]


def test_a_hostapd_that_does_not_answer_is_no_failure(
    tmp_path: Path, stations: tuple[Stations, Loop], capfd: pytest.CaptureFixture[str]
) -> None:
    """Without its control socket the access point works all the same: one line, no exception."""
    stations[0].watch(str(tmp_path), "wlan0")
    said = "vestibule: stations are not watched: No such file or directory\n"
    assert capfd.readouterr().err == said


def test_whether_hostapd_lives(tmp_path: Path, stations: tuple[Stations, Loop]) -> None:
    """It is asked, and every word of its resets the count of what it left unanswered."""
    watched, loop = stations
    with pytest.raises(OSError, match="not attached"):
        watched.ping()
    with contextlib.closing(FakeHostapd(tmp_path)) as hostapd:
        watched.watch(str(tmp_path), "wlan0")
        turn(loop)  # the reply to ATTACH
        assert [watched.ping() for _ in range(3)] == [0, 1, 2]
        hostapd.say(b"PONG\n")
        turn(loop)
        assert watched.ping() == 0
    with pytest.raises(OSError, match="refused"):
        watched.ping()


def test_one_that_takes_no_more_questions(tmp_path: Path, stations: tuple[Stations, Loop]) -> None:
    """A stopped hostapd's socket fills; asking goes on, and nobody waits for it."""
    watched, loop = stations
    with contextlib.closing(FakeHostapd(tmp_path)):
        watched.watch(str(tmp_path), "wlan0")
        turn(loop)  # the reply to ATTACH
        assert [watched.ping() for _ in range(600)] == list(range(600))
