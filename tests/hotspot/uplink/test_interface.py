"""The station interface: its address, who is told to leave it alone, and what is left of it."""

from __future__ import annotations

import errno
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.uplink import interface
from tests.hotspot.air.test_nl80211 import u32
from tests.hotspot.air.test_wireless import DEL_INTERFACE, IFINDEX, FakeWireless
from tests.hotspot.machine.test_neighbours import network_manager

if TYPE_CHECKING:
    from pathlib import Path


@given(st.binary(min_size=6, max_size=6).filter(lambda octets: not octets[0] & 1))
def test_an_address_of_its_own(radio: bytes) -> None:
    """Locally administered, of one station, not the radio's, and always the same."""
    own = interface.own_address(radio)

    assert own[0] & 0x03 == 0x02
    assert own != radio
    assert own[1:] == radio[1:]
    assert own == interface.own_address(radio)


def test_what_an_attempt_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interface of our name goes; where there is none, or no Wi-Fi at all, nothing is asked."""
    monkeypatch.setattr(interface, "NAME", "lo")
    wireless = FakeWireless({})
    interface.remove(wireless)
    assert wireless.asked == [(DEL_INTERFACE, {IFINDEX: u32(socket.if_nametoindex("lo"))})]

    monkeypatch.setattr(interface, "NAME", "vestibule9")
    wireless = FakeWireless({})
    interface.remove(wireless)
    assert not wireless.asked

    monkeypatch.setattr(interface, "NAME", "lo")
    wireless = FakeWireless({}, exists=False)
    interface.remove(wireless)
    assert not wireless.asked


def test_one_that_cannot_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other reason is the caller's to judge."""
    monkeypatch.setattr(interface, "NAME", "lo")
    wireless = FakeWireless({DEL_INTERFACE: OSError(errno.EBUSY, "busy")})

    with pytest.raises(OSError, match="busy"):
        interface.remove(wireless)


MANAGES = """
case "$*" in
  *RUNNING*) echo running ;;
  *"managed no") echo 1 > {state} ;;
  *STATE*) if [ -e {state} ]; then echo "10 (unmanaged)"; else echo "30 (disconnected)"; fi ;;
esac
"""


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell to stand in for nmcli")
def test_network_manager_leaves_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, once it has noticed; where it does not run, nobody waits."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    interface.leave_alone("vestibule0", tmp_path)

    notes = network_manager(tmp_path / "bin", MANAGES.format(state=tmp_path / "state"))
    interface.leave_alone("vestibule0", tmp_path)
    assert "C device set vestibule0 managed no" in notes.read_text().splitlines()


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell to stand in for nmcli")
def test_network_manager_that_will_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never notices, or keeps it, does not keep the attempt from beginning."""
    monkeypatch.setattr(interface, "_NOTICED_SECONDS", 0.05)
    monkeypatch.setattr("hotspot.machine.neighbours._SECONDS", 0.05)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for script in ("exit 10", 'echo "100 (connected)"'):
        answer = f'case "$*" in *RUNNING*) echo running;; *) {script};; esac'
        notes = network_manager(tmp_path / "bin", answer)
        interface.leave_alone("vestibule0", tmp_path)
        assert "vestibule0" in notes.read_text()
