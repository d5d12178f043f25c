"""The supervisor when hostapd dies: on the air again first, then in order, others kept up."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.hotspot.life import living
from tests.hotspot.supervisor.stepping import PREPARE, READY, A

AGAIN = {"hostapd": ["hostapd", "wait", "prepare"]}
REPAIR = {"hostapd": ["prepare", "hostapd", "wait"]}


def test_hostapd_is_in_the_air_again_first(tmp_path: Path) -> None:
    """When hostapd dies it starts again, then all is put in order; nobody else is touched."""
    steps = (PREPARE, A, ("hostapd", "stays", "stays"), ("wait", "once", "once", "0"), READY)
    with living(tmp_path, *steps, again=AGAIN, repair=REPAIR) as life:
        life.journal.until("ready ran")
        os.kill(life.journal.until("hostapd up"), signal.SIGKILL)
        life.journal.until("prepare ran", 2)
        life.journal.until("hostapd up", 2)
        assert life.stop()[0] == 0
        seen = life.journal.rest()
    after = seen[seen.index("ready ran") :]
    assert [e for e in after if e in {"wait ran", "prepare ran"}] == ["wait ran", "prepare ran"]
    assert seen.count("a up") == seen.count("ready ran") == 1


def test_a_failed_return_goes_by_way_of_prepare(tmp_path: Path) -> None:
    """Where starting again is not enough, all is put in order first, for as long as it takes."""
    steps = (
        ("prepare", "once", "once", "0", "1", "0"),
        ("hostapd", "stays", "stays"),
        ("wait", "once", "once", "0", "1", "0"),
        READY,
    )
    with living(tmp_path, *steps, again=AGAIN, repair=REPAIR) as life:
        life.journal.until("ready ran")
        os.kill(life.journal.until("hostapd up"), signal.SIGKILL)
        life.journal.until("wait ran", 3)
        _, written = life.stop()
        seen = life.journal.rest()
    once = [event for event in seen[4:] if event.endswith(" ran")]
    assert once == ["wait ran", "prepare ran", "prepare ran", "wait ran", "restore ran"]
    first, second, third = written.splitlines()[:3]
    assert first == "vestibule: hostapd was ended by signal 9 (Killed), starts again in 0.1 s"
    # By us, as `wait` has failed: whether it has understood the signal is its own affair.
    assert second.startswith("vestibule: hostapd ")
    assert second.endswith(", starts again in 0.2 s")
    assert third == "vestibule: hostapd could not be brought back, starts again in 0.4 s"


def test_others_are_kept_up_while_one_comes_back(tmp_path: Path) -> None:
    """A child that dies during hostapd's return starts again at once, not after it."""
    steps = (
        A,
        PREPARE,
        ("hostapd", "stays", "stays"),
        ("wait", "once", "once", "0"),
        READY,
    )
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    again = {"hostapd": ["late", "hostapd"]}
    late = ("late", "once", "held", str(gate))
    with living(tmp_path, late, *steps, again=again) as life:
        gate.write_bytes(b"")
        life.journal.until("ready ran")
        os.kill(life.journal.until("hostapd up"), signal.SIGKILL)
        life.journal.until("late begun", 2)
        os.kill(life.journal.until("a up"), signal.SIGKILL)
        life.journal.until("a up", 2)
        gate.write_bytes(b"")
        life.journal.until("hostapd up", 2)
        assert life.stop()[0] == 0
