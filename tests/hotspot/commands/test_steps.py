"""The two steps that need libraries: asking our own servers, and saying that all is ready."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotspot.__main__ import main
from hotspot.checks import selftest

ROOT = Path(__file__).parents[3]
KEY = "k7fq-2m9x-abcd-efgh"
URL = "http://100.64.64.1/"
LINE = f'vestibule ready: SSID "Vestibule-7KQ2" {URL}'


def ready(folder: Path, radio: str, stdout: int) -> str:
    """The step as the supervisor starts it, with this standard output: what it says on the other.

    `radio` are further lines of the settings.
    """
    config = folder / "config.toml"
    config.write_text(f'[radio]\ncountry = "DE"\n{radio}\n')
    kept = folder / "access-point.json"
    kept.write_text(json.dumps({"suffix": "7KQ2", "passphrase": KEY}))
    argv = [sys.executable, "-m", "hotspot", "ready", "--config", str(config), "--url", URL]
    argv += ["--state", str(folder), "--runtime", str(folder)]
    done = subprocess.run(
        argv, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=True
    )
    return done.stderr + (done.stdout or "")


def on_a_terminal(folder: Path, radio: str = "") -> list[str]:
    """What a person before a screen sees."""
    screen, terminal = os.openpty()
    try:
        assert ready(folder, radio, terminal) == ""
        shown = b""
        os.set_blocking(screen, False)
        try:
            while data := os.read(screen, 65536):
                shown += data
        except BlockingIOError:
            pass
        return shown.decode().replace("\r\n", "\n").splitlines()
    finally:
        os.close(screen)
        os.close(terminal)


def test_a_log_gets_one_line_and_no_key(tmp_path: Path) -> None:
    """Not on a terminal: the ready line alone, and the key nowhere."""
    assert ready(tmp_path, "", subprocess.PIPE) == f"{LINE}\n"


def test_a_person_gets_the_joining_code_and_the_key(tmp_path: Path) -> None:
    """On a terminal: the ready line, the QR code, the key in text."""
    first, *drawing, last = on_a_terminal(tmp_path)
    assert first == LINE
    assert last == f"  key: {KEY}"
    assert len(drawing) > 15


def test_an_open_network_says_so(tmp_path: Path) -> None:
    """No key, though one is kept for the day the network is closed again."""
    shown = on_a_terminal(tmp_path, 'security = "open"')
    assert shown[-1] == "  no key: the network is open"
    assert not any(KEY in line for line in shown)


def test_a_closed_pipe_is_no_failure(tmp_path: Path) -> None:
    """Nobody reads any more: status 0, and not a word."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ready(tmp_path, "", writing) == ""
    finally:
        os.close(writing)


@pytest.mark.parametrize("place", ["8080", ":8080", "127.0.0.1:", "127.0.0.1:x"])
def test_places_are_addresses_with_ports(place: str) -> None:
    """Anything else is a mistake of whoever starts it: usage."""
    done = CliRunner().invoke(main, ["selftest", "--dns", place, "--http", "127.0.0.1:80"])
    assert done.exit_code == 2
    assert done.stderr.endswith(f"'--dns': {place} is not ADDRESS:PORT\n")


def test_the_places_that_prepare_has_settled_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --runtime address and interface are those of the DHCP server's file."""
    (tmp_path / "dnsmasq.conf").write_text("interface=wlan7\ndhcp-option=option:router,10.0.0.1\n")
    asked: list[tuple[object, ...]] = []
    for name in ("dns", "http", "tls", "dhcp"):
        monkeypatch.setattr(selftest, name, lambda *words, name=name: asked.append((name, *words)))

    found = CliRunner().invoke(main, ["selftest", "--runtime", str(tmp_path), "--name="])

    assert found.exit_code == 0, found.output
    assert asked == [
        ("dns", "10.0.0.1", 53, 30),
        ("http", "10.0.0.1", 80, 30),
        ("dhcp", "10.0.0.1", "wlan7", 30),
    ]


def test_nowhere_to_ask() -> None:
    """Without places and without a runtime directory it is a question of usage."""
    assert CliRunner().invoke(main, ["selftest"]).exit_code == 2
