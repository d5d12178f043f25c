"""The small process that stays: its words, and what it learns from `prepare`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hotspot import dnsmasq, hostapd, settings
from hotspot.errors import Refused
from hotspot.supervisor import foreground
from hotspot.supervisor.programs import Run

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("demo", [True, False])
def test_a_run_survives_its_words(demo: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """What the command line knew is what the process that stays knows."""
    run = Run(python="/python", demo=demo, state="/a state", runtime="/r")
    run.http, run.dns, run.ttl = ("127.0.0.1", 8080), ("127.0.0.1", 0), "7"
    if not demo:
        run.config, run.setpriv, run.keep = "/c.toml", "/usr/bin/setpriv", "+dac_read_search"
        run.name, run.certificate, run.key = "a.example", "/c.pem", "/k.pem"
        run.linger, run.return_after = "forever", "30"
        run.kept, run.interface = "yes", "wlan7"
        run.hostname = "pump"
        run.bench = "yes"
    words = foreground.words_for(run, 5)
    assert words[:3] == ["/python", "-m", "hotspot.supervisor.foreground"]
    again = foreground.run_from(foreground.given(words[3:]))
    again.python = "/python"
    assert vars(again) == vars(run)


def test_prepare_s_decision_is_read(tmp_path: Path) -> None:
    """Interface and address are those of the DHCP server's file, as it is really written."""
    network = settings.parse('[radio]\ncountry = "DE"', file="x").network
    text = dnsmasq.render(network, interface="wlan7", runtime="/run/vestibule")
    (tmp_path / "dnsmasq.conf").write_text(text)
    assert foreground.access_point(str(tmp_path / "dnsmasq.conf")) == ("wlan7", "100.64.64.1")


def test_the_name_on_air_is_read(tmp_path: Path) -> None:
    """The SSID is that of hostapd's file, as it is really written; its key is left alone."""
    (tmp_path / "hostapd.conf").write_text(
        hostapd.render(
            hostapd.from_settings(
                settings.parse('[radio]\ncountry = "DE"', file="x"),
                interface="wlan7",
                ssid=b"Pump\n7",
                passphrase=settings.Secret("a key of my own"),
                channel=6,
                runtime="/run/vestibule",
            )
        )
    )
    assert foreground.name_on_air(str(tmp_path / "hostapd.conf")) == b"Pump\n7".hex()
    (tmp_path / "hostapd.conf").write_text("interface=wlan7\n")
    with pytest.raises(Refused, match="names no SSID"):
        foreground.name_on_air(str(tmp_path / "hostapd.conf"))


def test_the_ports_are_free_while_there_is_no_access_point(tmp_path: Path) -> None:
    """What is bound to its address goes with it; what people and programs call stays."""
    run = Run(python="/python", demo=False, state=str(tmp_path), runtime=str(tmp_path))
    run.http, run.dns = ("127.0.0.1", 0), ("127.0.0.1", 0)
    life = foreground.Foreground(run)
    held = life.supervisor.sockets
    life._open_desks()
    write_decision(tmp_path, "lo", "127.0.0.1")
    life._open()
    number = held["http"].getsockname()[1]
    assert sorted(held) == ["dns-tcp", "dns-udp", "doorbell", "house", "http", "radio"]

    life._leave()
    assert sorted(held) == ["doorbell", "house", "radio"]
    # And again where it was, when it is back.
    life._open()
    assert held["http"].getsockname() == ("127.0.0.1", number)
    life._leave()
    for one in held.values():
        one.close()
    life.supervisor.loop.close()


def write_decision(runtime: Path, interface: str, address: str) -> None:
    """What `prepare` leaves for the process that stays."""
    lines = [f"interface={interface}", f"dhcp-option=option:router,{address}"]
    (runtime / "dnsmasq.conf").write_text("\n".join(lines))


def test_no_decision_is_refused(tmp_path: Path) -> None:
    """A file without them ends the way up with words, not with a traceback."""
    (tmp_path / "dnsmasq.conf").write_text("port=0\n")
    with pytest.raises(Refused, match="names no interface and address"):
        foreground.access_point(str(tmp_path / "dnsmasq.conf"))


def test_the_process_that_stays_is_lean() -> None:
    """Each of these would cost it 0.7 to 3 MiB for as long as the access point is up."""
    heavy = ("click", "dataclasses", "json", "pathlib", "re", "subprocess", "typing")
    code = (
        "import sys, hotspot.supervisor.foreground; "
        f"print([n for n in {heavy} if n in sys.modules])"
    )
    # -S: what an editable install loads at every start is not ours.
    argv = [sys.executable, "-S", "-c", code]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
