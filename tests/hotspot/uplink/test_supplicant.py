"""wpa_supplicant by its control socket: one that says what it is told to say."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

import pytest

from hotspot.uplink import supplicant
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.sighting import Seen
from hotspot.uplink.supplicant import Supplicant
from hotspot.uplink.verdict import Word
from hotspot.uplink.waiting import Over, Patience
from hotspot.uplink.wanted import Wanted
from tests.hotspot.daemons import FakeDaemon
from tests.hotspot.uplink.test_sighting import SSID, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = Wanted(ssid=SSID)
MASK = "MASK=0x497"
REPLIES = {
    "GET_CAPABILITY key_mgmt": "NONE WPA-PSK SAE\n",
    "GET_CAPABILITY group_mgmt": "AES-128-CMAC\n",
    "GET_CAPABILITY freq": "Mode[G] Channels:\n 1 = 2412 MHz\n",
    "BSS_FLUSH 0": "OK\n",
    f"SCAN TYPE=ONLY freq=2412 ssid {SSID.hex()}": "OK\n",
    f"BSS FIRST {MASK}": reply(id="3"),
    f"BSS NEXT-3 {MASK}": reply(id="5", ie="0000"),
    f"BSS NEXT-5 {MASK}": "",
    "REMOVE_NETWORK all": "OK\n",
    "ADD_NETWORK": "0\n",
    f"SET_NETWORK 0 ssid {SSID.hex()}": "OK\n",
    "SET_NETWORK 0 scan_freq 2412": "OK\n",
    "SELECT_NETWORK 0 freq=2412": "OK\n",
}
LONG = 60.0


class FakeSupplicant(FakeDaemon):
    """It scans at once."""

    def reply(self, command: str) -> str:
        if command.startswith("SCAN "):
            for client in self._attached:
                self._socket.sendto(b"<3>CTRL-EVENT-SCAN-RESULTS ", client)
        return super().reply(command)


@contextlib.contextmanager
def program(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A wpa_supplicant on the PATH that does only this."""
    (folder / "bin").mkdir()
    file = folder / "bin" / "wpa_supplicant"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
    yield


@pytest.fixture
def cancelled() -> threading.Event:
    """Whether somebody wants the end."""
    return threading.Event()


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSupplicant]:
    """What answers at the socket that the program on the PATH would make."""
    monkeypatch.setattr(supplicant, "_PAUSE", 0.0)
    (tmp_path / "supplicant").mkdir()
    with (
        program(tmp_path, "exec sleep 600", monkeypatch),
        FakeSupplicant(tmp_path / "supplicant" / "vestibule0", REPLIES) as daemon,
    ):
        yield daemon


@pytest.fixture
def running(
    tmp_path: Path, daemon: FakeSupplicant, cancelled: threading.Event
) -> Iterator[Supplicant]:
    """An open one."""
    assert daemon
    with Supplicant("vestibule0", tmp_path, Patience(cancelled)) as running:
        yield running


def test_its_file_names_no_network(tmp_path: Path, running: Supplicant) -> None:
    """The configuration is for us alone, and there is nothing secret in it."""
    assert running
    settings = tmp_path / "supplicant.conf"

    assert settings.stat().st_mode & 0o777 == 0o600
    assert "network=" not in settings.read_text()


def test_what_it_can(running: Supplicant) -> None:
    """It is asked what driver and country allow."""
    assert running.able().sae
    assert running.frequencies() == [2412]


def test_a_look(running: Supplicant, daemon: FakeSupplicant) -> None:
    """One channel is listened to, by the network's name; all that was heard is gone through."""
    running.forget_heard()

    found = running.look(WANTED, 2412)

    assert found == [Seen("02:00:00:00:02:00", 2412, -30, "wpa2")]
    assert daemon.asked[-4].startswith("SCAN TYPE=ONLY freq=2412 ssid ")


def test_a_network_is_taken(running: Supplicant, daemon: FakeSupplicant) -> None:
    """Any before goes; the values of this one are set one by one; then it is selected."""
    running.take([("ssid", SSID.hex())], 2412)

    assert daemon.asked[-5:] == [
        "REMOVE_NETWORK all",
        "ADD_NETWORK",
        f"SET_NETWORK 0 ssid {SSID.hex()}",
        "SET_NETWORK 0 scan_freq 2412",
        "SELECT_NETWORK 0 freq=2412",
    ]


def test_a_value_it_refuses(running: Supplicant) -> None:
    """What it does not take is our fault, and the value is not told."""
    with pytest.raises(Over) as over:
        running.take([("sae_password", "6869646465")], 2412)

    assert over.value.outcome is Outcome.FAILED
    assert "sae_password" in over.value.what
    assert "6869646465" not in over.value.what


def test_what_it_says(running: Supplicant, daemon: FakeSupplicant) -> None:
    """Its events come as words, in order; those of before a try do not count."""
    daemon.say(b"<3>CTRL-EVENT-CONNECTED - of before")
    daemon.say(b"<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:02:00 reason=15")
    words = running.words(time.monotonic() + LONG)
    assert [next(words), next(words)] == [Word.CONNECTED, Word.GONE]

    daemon.say(b"<3>CTRL-EVENT-CONNECTED - of before")
    running.take([("ssid", SSID.hex())], 2412)
    daemon.say(b"<3>CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully")
    assert next(running.words(time.monotonic() + LONG)) is Word.PROVEN


def test_silence(running: Supplicant) -> None:
    """At the deadline there is nothing more to say."""
    assert list(running.words(time.monotonic())) == []
    assert running.said() == []


def test_cancelled_in_the_middle(running: Supplicant, cancelled: threading.Event) -> None:
    """Who waits for a word can be told to stop."""
    cancelled.set()

    with pytest.raises(Over) as over:
        list(running.words(time.monotonic() + LONG))

    assert over.value.outcome is Outcome.CANCELLED


def test_it_dies(running: Supplicant, daemon: FakeSupplicant) -> None:
    """A supplicant that has gone is our fault, not the network's."""
    daemon.die()

    with pytest.raises(Over) as over:
        running.leave()

    assert over.value.outcome is Outcome.FAILED


def test_whom_to_trust(tmp_path: Path, running: Supplicant) -> None:
    """Certificates go into a file beside its socket; without any there is none."""
    assert running.certificates(None) == ""
    path = running.certificates("-----BEGIN CERTIFICATE-----\n")
    assert path == str(tmp_path / "ca.pem")
    assert (tmp_path / "ca.pem").read_text() == "-----BEGIN CERTIFICATE-----\n"


def test_one_that_does_not_start(
    tmp_path: Path, cancelled: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ends at once, and none at all, are told as such."""
    with (
        program(tmp_path, "exit 1", monkeypatch),
        pytest.raises(Over) as over,
        Supplicant("vestibule0", tmp_path, Patience(cancelled)),
    ):
        pass
    assert over.value.outcome is Outcome.FAILED
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Over) as over, Supplicant("vestibule0", tmp_path, Patience(cancelled)):
        pass
    assert "wpa_supplicant" in over.value.what
