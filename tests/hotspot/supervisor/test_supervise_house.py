"""An access point that comes and goes in one life of the supervisor, over tiny real children."""

from __future__ import annotations

import os
import signal
import socket
from typing import TYPE_CHECKING, Any

from tests.hotspot.life import DEADLINE, living

if TYPE_CHECKING:
    from pathlib import Path

Step = tuple[Any, ...]

DESKS: Step = ("desks", "here")
PREPARE: Step = ("prepare", "once", "once", "0")
PORTAL: Step = ("portal", "stays", "stays")
DELIVER: Step = ("deliver", "rung", "once", "0")
HOSTAPD: Step = ("hostapd", "stays", "stays")
RADIO: Step = ("radio", "called", "answers")
READY: Step = ("ready", "once", "once", "0")
ALL = (DESKS, PREPARE, PORTAL, DELIVER, HOSTAPD, RADIO, READY)


def tell(folder: Path, word: str) -> None:
    """Have the house do something: `up`, `down`, or a program to start aside."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.sendto(word.encode(), str(folder / "journal.house"))


def call(folder: Path) -> int:
    """Ask who is called by a connection for its number."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(DEADLINE)
        asking.connect(str(folder / "journal.desk"))
        return int(asking.recv(64))


def test_down_and_up_again(tmp_path: Path, free_port: int) -> None:
    """The air goes first, then all of the access point, then restore; and all of it comes back.

    Who is called or rung stays, and is there in between.
    """
    with living(tmp_path, *ALL, port=free_port, away=False) as life:
        for event in ("portal up", "hostapd up", "house begun"):
            life.journal.until(event)
        tell(tmp_path, "down")
        life.journal.until("house down")
        seen = [event for event in life.journal.seen if event.endswith(" down")]
        assert seen == ["hostapd down", "portal down", "house down"]
        assert life.journal.seen[-3:-1] == ["restore ran", "restore ended-0"]
        assert call(tmp_path) > 0

        tell(tmp_path, "up")
        for event in ("portal up", "hostapd up"):
            life.journal.until(event, 2)
        life.journal.until("house up")
        again = life.journal.seen[life.journal.seen.index("house down") :]
        # How quick a child that stays is to report is its own affair.
        ran = [event for event in again if event.endswith(" ran")]
        assert ran == ["prepare ran", "ready ran"]
        assert call(tmp_path) > 0
        assert life.stop()[0] == 0
        assert life.journal.rest()[-1] == "restore ran"
    assert life.journal.seen.count("deliver ran") == 1


def test_a_start_without_an_access_point(tmp_path: Path, free_port: int) -> None:
    """Only who is called or rung is there; nothing is prepared before the house says so."""
    with living(tmp_path, *ALL, port=free_port, away=True) as life:
        life.journal.until("house begun")
        life.journal.until("deliver ran")
        assert call(tmp_path) > 0
        assert "prepare ran" not in life.journal.seen
        tell(tmp_path, "up")
        life.journal.until("house up")
        assert life.stop()[0] == 0
    assert life.journal.seen.count("deliver ran") == 1


def test_what_has_died_stays_down(tmp_path: Path, free_port: int) -> None:
    """A child that waits for its next start when the access point goes is not started then."""
    steps = (DESKS, PORTAL, HOSTAPD)
    with living(tmp_path, *steps, port=free_port, away=False) as life:
        life.journal.until("house begun")
        for times in (1, 2, 3):
            os.kill(life.journal.until("hostapd up", times), signal.SIGKILL)
        life.journal.until("hostapd ended--9", 3)
        tell(tmp_path, "down")
        life.journal.until("house down")
        tell(tmp_path, "up")
        life.journal.until("hostapd up", 4)
        seen = life.journal.seen[life.journal.seen.index("house down") :]
        assert life.stop()[0] == 0
    assert seen.count("hostapd up") == 1


def test_an_ascent_that_fails(tmp_path: Path, free_port: int) -> None:
    """What has come up goes down, all is put back, and the life goes on until it succeeds."""
    prepare = ("prepare", "once", "once", "0", "0", "0")
    wait = ("wait", "once", "once", "0", "1", "0")
    with living(tmp_path, DESKS, prepare, HOSTAPD, wait, port=free_port, away=False) as life:
        life.journal.until("house begun")
        tell(tmp_path, "down")
        life.journal.until("house down")
        tell(tmp_path, "up")
        life.journal.until("house not-up")
        seen = [event for event in life.journal.seen if "ended" not in event]
        assert seen[-2:] == ["restore ran", "house not-up"]
        tell(tmp_path, "up")
        life.journal.until("house up")
        status, written = life.stop()
    assert status == 0
    assert "vestibule: not on the air" in written


def test_an_errand_aside(tmp_path: Path, free_port: int) -> None:
    """It runs beside everything, is not started again, and the house hears how it ended."""
    aside = {"look": ["once", "3"], "settle": ["stays"]}
    with living(tmp_path, DESKS, PORTAL, port=free_port, away=False, aside=aside) as life:
        life.journal.until("house begun")
        tell(tmp_path, "look")
        life.journal.until("look ended-3")
        tell(tmp_path, "settle")
        life.journal.until("settle up")
        # One that is under way is ended with everything else.
        assert life.stop()[0] == 0
        seen = life.journal.rest()
    assert seen.count("look ran") == 1
    assert "settle down" in seen


def test_an_errand_that_hangs(tmp_path: Path, free_port: int) -> None:
    """It is ended when its time is up, and the house, which waits for it, hears so."""
    aside = {"hangs": ["stays"]}
    with living(tmp_path, DESKS, port=free_port, away=False, aside=aside) as life:
        life.journal.until("house begun")
        tell(tmp_path, "hangs")
        while not any(event.startswith("hangs ended") for event in life.journal.seen):
            life.journal._hear()
        assert life.stop()[0] == 0


def test_a_signal_on_the_way_down(tmp_path: Path, free_port: int) -> None:
    """In the middle of going home, the end is the end: all down, and restored."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with living(
        tmp_path, DESKS, PORTAL, port=free_port, away=False, restore=["held", str(gate)]
    ) as life:
        life.journal.until("house begun")
        tell(tmp_path, "down")
        life.journal.until("restore begun")
        life.process.send_signal(signal.SIGTERM)
        life.journal.until("restore begun", 2)
        gate.write_bytes(b"")
        assert life.end()[0] == 0
        assert life.journal.rest()[-1] == "restore ran"
