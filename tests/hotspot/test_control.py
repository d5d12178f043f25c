"""The control sockets: commands, events, and waiting for the access point."""

from __future__ import annotations

import contextlib
import select
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from hotspot import control
from hotspot.air.events import ENABLED, JOINED, Event
from hotspot.control import Absent, Control, ControlError
from tests.hotspot.daemons import DEADLINE, FakeDaemon
from tests.hotspot.real import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE, TWO = "02:00:00:00:01:00", "02:00:00:00:02:00"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A directory for our own socket files."""
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


@pytest.fixture
def hostapd(tmp_path: Path) -> Iterator[FakeDaemon]:
    """A hostapd that runs."""
    with FakeDaemon(tmp_path / "wlan0") as daemon:
        yield daemon


@contextlib.contextmanager
def later(act: object) -> Iterator[None]:
    """Do something beside the test, and see it through."""
    thread = threading.Thread(target=act)  # type: ignore[arg-type] # any callable
    thread.start()
    try:
        yield
    finally:
        thread.join(DEADLINE)


def test_a_command_and_its_reply(hostapd: FakeDaemon, tmp_path: Path, own: Path) -> None:
    """Text in, text out; what hostapd refuses is a reply as well."""
    with Control(tmp_path / "wlan0", own) as client:
        assert client.request("PING") == "PONG\n"
        assert client.request("NONSENSE") == "UNKNOWN COMMAND\n"

    assert hostapd.asked == ["PING", "NONSENSE"]


def test_nothing_is_left_behind(hostapd: FakeDaemon, tmp_path: Path, own: Path) -> None:
    """Our socket files are there while we are, and gone with us."""
    with Control(tmp_path / "wlan0", own) as client:
        client.attach()
        assert len([*own.iterdir()]) == 2

    assert not [*own.iterdir()]
    assert hostapd.asked == ["ATTACH"]


def test_an_event_never_lands_in_a_reply(hostapd: FakeDaemon, tmp_path: Path, own: Path) -> None:
    """Commands and events have a socket each, whatever comes first."""
    hostapd.greeting = [f"<3>{JOINED} {ONE}".encode(), b"noise", b"<3>AP-ENABLED "]
    with Control(tmp_path / "wlan0", own) as client:
        client.attach()
        assert client.request("PING") == "PONG\n"
        assert select.select([client], [], [], DEADLINE)[0]
        assert [client.read(), client.read(), client.read()] == [
            Event(3, JOINED, (ONE,)),
            Event(3, ENABLED),
            None,
        ]


LISTS = [
    ({"STA-FIRST": ""}, ()),
    ({"STA-FIRST": "FAIL\n"}, ()),
    ({"STA-FIRST": f"{ONE}\nflags=[AUTH]\n", f"STA-NEXT {ONE}": ""}, (ONE,)),
    (
        {
            "STA-FIRST": f"{ONE}\nflags=[AUTH]\n",
            f"STA-NEXT {ONE}": f"{TWO}\nflags=[AUTH]\n",
            f"STA-NEXT {TWO}": "FAIL\n",
        },
        (ONE, TWO),
    ),
    # A list that goes round in a circle ends.
    ({"STA-FIRST": f"{ONE}\n", f"STA-NEXT {ONE}": f"{ONE}\n"}, (ONE,)),
]


@pytest.mark.parametrize(("replies", "expected"), LISTS)
def test_stations(
    tmp_path: Path, own: Path, replies: dict[str, str], expected: tuple[str, ...]
) -> None:
    """Every associated station, asked for one after the other."""
    with FakeDaemon(tmp_path / "wlan0", replies), Control(tmp_path / "wlan0", own) as client:
        assert client.stations() == expected


def test_nobody_there(tmp_path: Path, own: Path) -> None:
    """No socket, and a socket that a killed hostapd left, are the same absence."""
    with pytest.raises(Absent):
        Control(tmp_path / "wlan0", own)
    daemon = FakeDaemon(tmp_path / "wlan0")
    daemon.__enter__()
    daemon.die()
    with pytest.raises(Absent):
        Control(tmp_path / "wlan0", own)

    assert not [*own.iterdir()]


def test_silence_ends(tmp_path: Path, own: Path) -> None:
    """A hostapd that does not answer is an error after the time given, not a wait for ever."""
    with (
        FakeDaemon(tmp_path / "wlan0", {"PING": "(silence)"}),
        Control(tmp_path / "wlan0", own) as client,
        pytest.raises(ControlError, match="no reply"),
    ):
        client.request("PING", 0.05)


def test_attach_refused(tmp_path: Path, own: Path) -> None:
    """A hostapd that has no room for a listener says so, and so do we."""
    with (
        FakeDaemon(tmp_path / "wlan0", {"ATTACH": "FAIL\n"}),
        Control(tmp_path / "wlan0", own) as client,
        pytest.raises(ControlError, match="ATTACH"),
    ):
        client.attach()


def test_no_event_before_attaching(hostapd: FakeDaemon, tmp_path: Path, own: Path) -> None:
    """Asking for the descriptor too early is an error with a name."""
    with (
        Control(tmp_path / "wlan0", own) as client,
        pytest.raises(ControlError, match="not attached"),
    ):
        client.fileno()
    assert not hostapd.asked


# --- waiting -----------------------------------------------------------------------------------


def test_already_enabled(hostapd: FakeDaemon, tmp_path: Path, own: Path) -> None:
    """An access point that was faster than we is found by its status."""
    control.wait_until_enabled(tmp_path / "wlan0", own, DEADLINE)

    # Attached before asking: nothing that happens in between is missed.
    assert hostapd.asked == ["ATTACH", "STATUS"]


def test_enabled_by_an_event(tmp_path: Path, own: Path) -> None:
    """While it is still setting up, the event is what is waited for."""
    with FakeDaemon(tmp_path / "wlan0", {"STATUS": "state=COUNTRY_UPDATE\n"}) as daemon:

        def speak() -> None:
            daemon.wait_for("STATUS")
            daemon.say(f"<3>{JOINED} {ONE}".encode())
            daemon.say(b"<3>AP-ENABLED ")

        with later(speak):
            control.wait_until_enabled(tmp_path / "wlan0", own, DEADLINE)


def test_the_socket_appears_later(tmp_path: Path, own: Path) -> None:
    """Waiting may begin before hostapd has made its socket, or over one that it will replace."""
    stale = FakeDaemon(tmp_path / "wlan0")
    stale.__enter__()
    stale.die()
    with contextlib.ExitStack() as stack:
        daemon = FakeDaemon(tmp_path / "wlan0")
        with later(lambda: stack.enter_context(daemon)):
            control.wait_until_enabled(tmp_path / "wlan0", own, DEADLINE)


@pytest.mark.parametrize("event", [b"<3>AP-DISABLED ", b"<3>CTRL-EVENT-TERMINATING "])
def test_hostapd_gives_up(tmp_path: Path, own: Path, event: bytes) -> None:
    """Failure is a named event too: nobody waits for the deadline."""
    with FakeDaemon(tmp_path / "wlan0", {"STATUS": "state=HT_SCAN\n"}) as daemon:
        daemon.greeting = [event]
        with pytest.raises(ControlError, match="gave up"):
            control.wait_until_enabled(tmp_path / "wlan0", own, DEADLINE)


def test_hostapd_had_given_up(tmp_path: Path, own: Path) -> None:
    """An access point that is disabled when we come is not waited for."""
    with (
        FakeDaemon(tmp_path / "wlan0", {"STATUS": "state=DISABLED\n"}),
        pytest.raises(ControlError, match="gave up"),
    ):
        control.wait_until_enabled(tmp_path / "wlan0", own, DEADLINE)


def test_hostapd_dies(tmp_path: Path, own: Path) -> None:
    """A killed hostapd says nothing; it is asked now and then, and found dead."""
    with FakeDaemon(tmp_path / "wlan0", {"STATUS": "state=HT_SCAN\n"}) as daemon:

        def die() -> None:
            daemon.wait_for("STATUS")
            daemon.die()

        with later(die), pytest.raises(Absent):
            control.wait_until_enabled(tmp_path / "wlan0", own, DEADLINE)


@pytest.mark.parametrize("directory", ["", "missing"])
def test_the_deadline(tmp_path: Path, own: Path, directory: str) -> None:
    """Nothing comes, or not even the directory is there: an error, in time."""
    with pytest.raises(ControlError):
        control.wait_until_enabled(tmp_path / directory / "wlan0", own, 0.05)


def test_the_deadline_with_a_slow_hostapd(tmp_path: Path, own: Path) -> None:
    """A hostapd that lives and never gets there is not waited for beyond the time given."""
    with (
        FakeDaemon(tmp_path / "wlan0", {"STATUS": "state=DFS\n"}),
        pytest.raises(ControlError, match="in time"),
    ):
        control.wait_until_enabled(tmp_path / "wlan0", own, 0.05)


def test_the_real_hostapd(tmp_path: Path, own: Path) -> None:
    """hostapd itself, with no radio, is waited for, asked and listened to."""
    sockets = tmp_path / "ctrl"
    sockets.mkdir()
    settings = tmp_path / "hostapd.conf"
    settings.write_text(f"interface=none0\ndriver=none\nctrl_interface={sockets}\nssid2=78\n")
    argv = [program("hostapd"), str(settings)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as hostapd:
        try:
            control.wait_until_enabled(sockets / "none0", own, DEADLINE)
            with Control(sockets / "none0", own) as client:
                client.attach()
                assert client.request("PING") == "PONG\n"
                assert client.stations() == ()
                client.request("DISABLE")
                assert select.select([client], [], [], DEADLINE)[0]
                event = client.read()
                assert event is not None
                assert event.name == "AP-DISABLED"
        finally:
            hostapd.terminate()
    assert not [*own.iterdir()]
