"""What is looked at on a real machine, and what is put right there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.doctor import asking, mending, observing
from hotspot.doctor.finding import Close, MakeFolder, PutBack, Unblock
from hotspot.doctor.observing import Where
from tests.hotspot import wire
from tests.hotspot.doctor.cases import facts

SHOWN = """\
Id=vestibule-ap.service
LoadState=loaded
ActiveState=failed
SubState=failed
Result=exit-code
NRestarts=7

Id=vestibule.target
LoadState=loaded
ActiveState=active
SubState=active

NRestarts=1
"""


def test_units_as_systemd_shows_them() -> None:
    """Properties a line, units apart by an empty line; what has no name is none."""
    service, target = asking.read_units(SHOWN)
    assert (service.name, service.active, service.result, service.restarts) == (
        *("vestibule-ap.service", "failed", "exit-code"),
        7,
    )
    assert (target.name, target.result, target.restarts) == ("vestibule.target", "success", 0)


@given(st.text())
def test_units_of_anything(text: str) -> None:
    """Whatever systemctl prints, nothing escapes."""
    assert all(unit.name for unit in asking.read_units(text))


def test_neighbours_by_their_names(tmp_path: Path) -> None:
    """Those we know, by the name the kernel has of them; the rest is nobody's business."""
    for pid, name in ((7, "nginx"), (12, "nginx"), (9, "bash"), (10, "systemd-resolve")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "comm").write_text(f"{name}\n")
    (tmp_path / "self").mkdir()
    assert observing.programs(tmp_path) == {"nginx": (7, 12), "systemd-resolve": (10,)}


def test_a_run_is_known_by_what_it_is(tmp_path: Path) -> None:
    """Not by a number alone, which may be another's by now."""
    assert observing.running(tmp_path) is None
    (tmp_path / "lock").write_text(f"{os.getpid()}\n")
    assert observing.running(tmp_path) is None
    words = [sys.executable, "-c", "print(); input()", "hotspot.supervisor.foreground"]
    pipes = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipes, stdout=pipes) as process:
        # The kernel shows its words a moment after it has begun: from then on it says something.
        assert process.stdout
        process.stdout.readline()
        (tmp_path / "lock").write_text(f"{process.pid}\n")
        found = observing.running(tmp_path)
        process.communicate(b"\n")
    assert found == process.pid


def test_facts_of_this_machine(tmp_path: Path) -> None:
    """Everything can be asked, whatever is missing; a directory that is not there is said so."""
    where = Where(tmp_path / "config.toml", tmp_path / "deep" / "state", tmp_path / "run")
    found = observing.facts(where, None, ("config.toml does not exist",))
    assert not found.state.exists
    assert found.disk
    assert found.disk.total > 0
    assert found.clock.now > found.clock.newest > 0
    assert found.records is None
    assert len(found.sqlite) == 3


def test_directories_are_made_and_closed(tmp_path: Path) -> None:
    """With the right modes whatever the umask, and no right is ever given to others."""
    before = os.umask(0o077)
    try:
        mending.mend(MakeFolder(str(tmp_path / "a" / "b"), 0o755))
    finally:
        os.umask(before)
    made = tmp_path / "a" / "b"
    assert made.stat().st_mode & 0o777 == 0o755
    mending.mend(Close(str(made), 0o700))
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o500)
    mending.mend(Close(str(made), 0o700))
    assert made.stat().st_mode & 0o777 == 0o500


def test_a_radio_is_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its switches, as `rfkill unblock` would."""
    (tmp_path / "rfkill0").mkdir()
    (tmp_path / "rfkill0" / "soft").write_text("1")
    monkeypatch.setattr("hotspot.checks.preflight.rfkill_switches", lambda _: [*tmp_path.iterdir()])
    mending.mend(Unblock("wlan0"))
    assert (tmp_path / "rfkill0" / "soft").read_text() == "0"


def test_nothing_to_put_back(tmp_path: Path) -> None:
    """What is no longer there needs no undoing; what is damaged is not called done."""
    mending.mend(PutBack(str(tmp_path)))
    (tmp_path / "undo.json").write_text("{")
    with pytest.raises(OSError, match="not everything"):
        mending.mend(PutBack(str(tmp_path)))


@pytest.mark.netns
def test_ports_are_tried_as_their_servers_will() -> None:
    """Those that somebody holds are found, all of them; a listener elsewhere is in nobody's way."""
    with wire.machines("host", "far") as (host, far):
        host.run("ip", "link", "set", "lo", "up")
        peer = ["peer", "name", "w1", "netns", far.name]
        host.run("ip", "link", "add", "wlan0", "type", "veth", *peer)
        with host.inside():
            assert observing._with_ports(facts(run=None)).ports == ()
            with (
                socket.create_server(("0.0.0.0", 80)),
                socket.create_server(("127.0.0.1", 53)),
                socket.socket(type=socket.SOCK_DGRAM) as resolver,
            ):
                resolver.bind(("0.0.0.0", 53))
                found = observing._with_ports(facts(run=None)).ports
    assert [(port.protocol, port.number) for port in found or ()] == [("udp", 53), ("tcp", 80)]
