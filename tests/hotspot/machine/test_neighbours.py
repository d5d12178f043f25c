"""NetworkManager and wpa_supplicant: let go, and given back."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from hotspot.errors import Refused
from hotspot.machine.neighbours import NETWORK_MANAGER, WPA_SUPPLICANT, Neighbours
from tests.hotspot.daemons import FakeDaemon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OK = {"DISCONNECT": "OK\n", "RECONNECT": "OK\n"}


@pytest.fixture
def around(tmp_path: Path) -> Neighbours:
    """Those around wlan0, whose sockets would be in `run`."""
    (tmp_path / "own").mkdir()
    (tmp_path / "run").mkdir()
    return Neighbours("wlan0", tmp_path / "own", tmp_path / "run")


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of our own, without nmcli: these tests never touch this machine's."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.fixture
def supplicant(tmp_path: Path, around: Neighbours) -> Iterator[FakeDaemon]:
    """A wpa_supplicant that has joined its network on wlan0."""
    assert around
    replies = OK | {"STATUS": "ssid=Home\nwpa_state=COMPLETED\n"}
    with FakeDaemon(tmp_path / "run" / "wlan0", replies) as daemon:
        yield daemon


def test_nobody(around: Neighbours) -> None:
    """Where nobody looks after the interface, nobody is told and nobody is needed."""
    assert around.holding() == frozenset()
    around.leave(WPA_SUPPLICANT)
    around.give_back(WPA_SUPPLICANT)
    around.give_back(NETWORK_MANAGER)


def test_a_supplicant_sits_still_and_comes_back(around: Neighbours, supplicant: FakeDaemon) -> None:
    """It is told by its own control socket, and keeps its networks all the while."""
    assert around.holding() == {WPA_SUPPLICANT}
    around.leave(WPA_SUPPLICANT)
    around.give_back(WPA_SUPPLICANT)

    assert supplicant.asked == ["STATUS", "DISCONNECT", "RECONNECT"]


STATES = [
    # what it is in, and whether it holds the interface: before and after it was told
    ("COMPLETED", True, True),
    ("SCANNING", True, True),
    ("DISCONNECTED", True, False),  # between two tries, or because we said so
    ("INTERFACE_DISABLED", True, False),
    ("INACTIVE", True, False),
]


@pytest.mark.parametrize(("state", "before", "after"), STATES)
def test_only_who_was_told_is_believed(
    around: Neighbours,
    supplicant: FakeDaemon,
    state: str,
    before: bool,  # noqa: FBT001 - a table
    after: bool,  # noqa: FBT001 - a table
) -> None:
    """One that pauses between two tries is not one that sits still."""
    supplicant.replies["STATUS"] = f"wpa_state={state}\n"

    assert (around.holding() == {WPA_SUPPLICANT}) is before
    assert (around.holding(frozenset({WPA_SUPPLICANT})) == {WPA_SUPPLICANT}) is after


def network_manager(tools: Path, script: str) -> Path:
    """An nmcli that notes its words and does what the script says; the file of its notes."""
    notes = tools / "notes"
    nmcli = tools / "nmcli"
    nmcli.write_text(f'#!/bin/sh\necho "$LC_ALL $*" >> {notes}\n{script}\n')
    nmcli.chmod(0o755)
    return notes


# 100 connected, 20 unavailable, 10 unmanaged; `managed no` takes effect two questions later.
MANAGES = """
case "$*" in
  *"managed no") echo 2 > {state} ;;
  *"managed yes") rm -f {state} ;;
  *STATE*)
    if [ ! -e {state} ]; then echo "100 (connected)"; exit; fi
    read -r left < {state}
    if [ "$left" -gt 0 ]; then echo "$((left - 1))" > {state}; echo "110 (deactivating)"
    else echo "10 (unmanaged)"; fi ;;
esac
"""


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell to stand in for nmcli")
def test_network_manager_lets_go(around: Neighbours, tools: Path) -> None:
    """It is told, and waited for until it has; in its own words, in no language."""
    (tools / "rm").symlink_to("/bin/rm")
    notes = network_manager(tools, MANAGES.format(state=tools / "state"))

    assert around.holding() == {NETWORK_MANAGER}
    around.leave(NETWORK_MANAGER)
    assert around.holding(frozenset({NETWORK_MANAGER})) == frozenset()
    around.give_back(NETWORK_MANAGER)
    assert around.holding() == {NETWORK_MANAGER}
    lines = notes.read_text().splitlines()
    assert "C device set wlan0 managed no" in lines
    assert "C device set wlan0 managed yes" in lines


def test_its_supplicant_goes_with_it(
    around: Neighbours, tools: Path, supplicant: FakeDaemon
) -> None:
    """NetworkManager's own wpa_supplicant is not told anything behind its back."""
    network_manager(tools, MANAGES.format(state=tools / "state"))

    assert around.holding() == {NETWORK_MANAGER}
    assert not supplicant.asked


# nmcli(1): 8 when it is not running, 10 for an interface that is not there.
@pytest.mark.parametrize("script", ["exit 8", "exit 10", "echo '10 (unmanaged)'"])
def test_network_manager_that_does_not_run(
    around: Neighbours, tools: Path, supplicant: FakeDaemon, script: str
) -> None:
    """Installed and asleep, ignorant of the interface, or told to ignore it: it holds nothing."""
    network_manager(tools, script)

    assert around.holding() == {WPA_SUPPLICANT}
    assert supplicant.asked == ["STATUS"]


def test_whether_network_manager_is_there(around: Neighbours, tools: Path) -> None:
    """It runs or it does not; and it has noticed an interface or not yet."""
    assert (around.manages(), around.knows()) == (False, False)
    network_manager(tools, 'case "$*" in *RUNNING*) echo running;; *) exit 10;; esac')
    assert (around.manages(), around.knows()) == (True, False)
    network_manager(tools, "echo '30 (disconnected)'")
    assert around.knows()


def test_network_manager_that_keeps_the_interface(
    around: Neighbours, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused with the command to try by hand, and not fought over."""
    monkeypatch.setattr("hotspot.machine.neighbours._SECONDS", 0.2)
    network_manager(tools, 'echo "100 (connected)"')

    with pytest.raises(Refused, match="NetworkManager keeps wlan0: nmcli device set"):
        around.leave(NETWORK_MANAGER)
