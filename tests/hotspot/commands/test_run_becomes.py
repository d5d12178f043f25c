"""`vestibule run`: what the process becomes, with which words."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotspot.commands import run as command
from hotspot.supervisor.loop import STOPPING
from tests.hotspot.agent.test_radio import SETTINGS, FakeOwner, kernel
from tests.hotspot.commands import running
from tests.hotspot.commands.running import GOOD, run

if TYPE_CHECKING:
    from collections.abc import Iterator

root = running.root

ROOT = Path(__file__).parents[3]


class Became(Exception):  # noqa: N818 - what would have happened
    """The process has become another program."""


@pytest.fixture
def becomes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the process would have become: the words of `supervisor.foreground`, in pairs."""
    words: dict[str, str] = {}

    def execv(path: str, argv: list[str]) -> None:
        assert [path, *argv[1:3]] == [sys.executable, "-m", "hotspot.supervisor.foreground"]
        words.update(zip(argv[3::2], argv[4::2], strict=True))
        assert os.get_inheritable(int(words["--lock"]))
        # Held back until the supervisor can hear them.
        assert set(STOPPING) <= signal.pthread_sigmask(signal.SIG_BLOCK, ())
        raise Became

    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.chdir(Path.cwd())
    yield words
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    if words:
        os.close(int(words["--lock"]))


def test_the_demo_becomes_the_small_process(
    becomes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default below the current directory, on the usual ports, with a scan to show."""
    monkeypatch.chdir(tmp_path)
    assert isinstance(run("--demo").exception, Became)
    state = tmp_path / "run-demo"
    assert (becomes["--mode"], becomes["--state"]) == ("demo", str(state))
    assert becomes["--runtime"] == str(state / "run")
    assert (becomes["--http"], becomes["--dns"]) == ("127.0.0.1:8080", "127.0.0.1:5300")
    assert "--config" not in becomes
    assert state.stat().st_mode & 0o777 == 0o700
    assert len(json.loads((state / "run" / "networks.json").read_text())["networks"]) == 8
    assert Path.cwd() == ROOT


@pytest.mark.usefixtures("root")
def test_a_run_becomes_the_small_process(becomes: dict[str, str], tmp_path: Path) -> None:
    """What the settings say and where everything is, in full; no scan is made up."""
    config = tmp_path / "config.toml"
    config.write_text(GOOD)
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    assert isinstance(run("--config", str(config), *places).exception, Became)
    assert (becomes["--mode"], becomes["--ttl"]) == ("radio", "7")
    assert becomes["--config"] == str(config)
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["lock"]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("mode", ["demo", "radio"])
def test_a_certificate_is_for_the_radio(becomes: dict[str, str], tmp_path: Path, mode: str) -> None:
    """A real run is told of name, certificate and key; the demo, without port 443, is not."""
    config = tmp_path / "config.toml"
    tls = {"--name": "setup.example.com", "--certificate": "/c.pem", "--key": "/k.pem"}
    lines = [f'{option[2:]} = "{value}"' for option, value in tls.items()]
    config.write_text("\n".join([GOOD, "[portal]", *lines]))
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    demo = ["--demo"] if mode == "demo" else []
    assert isinstance(run("--config", str(config), *places, *demo).exception, Became)
    assert {option: becomes.get(option) for option in tls} == (dict.fromkeys(tls) if demo else tls)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("hostname", "label"),
    [
        ("Pump-7.example.com", "pump-7"),
        ("raspberrypi", "raspberrypi"),
        ("localhost", "vestibule"),
        ("localhost.localdomain", "vestibule"),
        ("", "vestibule"),
        ("my_pi", "vestibule"),
        ("-pi", "vestibule"),
        ("pümpe", "vestibule"),
        ("a" * 64, "vestibule"),
    ],
)
def test_mdns_is_told_a_name(
    becomes: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hostname: str,
    label: str,
) -> None:
    """The machine's own where it can stand before `.local`, else one of ours."""
    monkeypatch.setattr("socket.gethostname", lambda: hostname)
    config = tmp_path / "config.toml"
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    config.write_text(f"{GOOD}[portal]\nmdns = true\n")
    assert isinstance(run("--config", str(config), *places).exception, Became)
    assert becomes["--hostname"] == label


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("words", ["[portal]\nmdns = false\n", "", "demo"])
def test_mdns_is_off(becomes: dict[str, str], tmp_path: Path, words: str) -> None:
    """Not asked for, or a demo on loopback: nothing is announced."""
    config = tmp_path / "config.toml"
    demo = ["--demo"] if words == "demo" else []
    config.write_text(GOOD + ("[portal]\nmdns = true\n" if demo else words))
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    assert isinstance(run("--config", str(config), *places, *demo).exception, Became)
    assert "--hostname" not in becomes


@pytest.mark.usefixtures("root", "becomes")
@pytest.mark.parametrize("mode", ["demo", "radio"])
def test_a_fresh_run_knows_nobody(tmp_path: Path, mode: str) -> None:
    """Also after one that was killed: nobody is released any more."""
    released, config = tmp_path / "r" / "released", tmp_path / "config.toml"
    released.mkdir(parents=True)
    (released / "100.64.64.20").write_text("")
    config.write_text(GOOD)
    words = ["--demo"] if mode == "demo" else ["--config", str(config)]
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    assert isinstance(run(*words, *places).exception, Became)
    assert not released.exists()


@pytest.mark.usefixtures("root")
def test_a_closed_home_costs_one_capability(
    becomes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only its owner may go in, root without capabilities may not: it is said and solved."""
    config = tmp_path / "config.toml"
    config.write_text(GOOD)
    home = tmp_path / "home"
    (home / "env").mkdir(parents=True)
    home.chmod(0o700)
    if os.getuid() == 0:
        os.chown(home, 1000, 1000)
    monkeypatch.setattr(sys, "prefix", str(home / "env"))
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    done = run("--config", str(config), *places)
    assert becomes["--keep"] == "+dac_read_search"
    # Run by somebody else than root, the tests' own folder is closed already.
    assert done.stderr.startswith("vestibule: dnsd and portal may read every file: ")
    assert done.stderr.endswith(f"{home if os.getuid() == 0 else ''} is closed\n")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("lines", "linger", "after"),
    [("", "60", "300"), ('linger = "forever"\nreturn_after = 30', "forever", "30")],
)
def test_when_to_go_and_to_come_back(
    becomes: dict[str, str], tmp_path: Path, lines: str, linger: str, after: str
) -> None:
    """The settings' seconds; without a home network there is nothing more to say."""
    config = tmp_path / "config.toml"
    config.write_text(GOOD.replace("[radio]", f"[radio]\n{lines}"))
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    assert isinstance(run("--config", str(config), *places).exception, Became)
    assert (becomes["--linger"], becomes["--return-after"]) == (linger, after)
    assert "--kept" not in becomes
    assert "--interface" not in becomes


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("[radio]", ("unconfigured", "900", None)),
        ("[radio]\nidle_off = 'never'", ("unconfigured", "forever", None)),
        ("[radio]\nstart = 'never'\nbutton = 'GPIO17'", ("never", "900", "GPIO17")),
        # A bench is there for whoever comes with the next box.
        ("[bench]\nenabled = true\n[radio]", ("unconfigured", "forever", None)),
    ],
)
def test_what_starts_it(
    becomes: dict[str, str], tmp_path: Path, lines: str, words: tuple[str, str, str | None]
) -> None:
    """What brings the access point up, and when it goes with nobody on it."""
    config = tmp_path / "config.toml"
    config.write_text(GOOD.replace("[radio]", lines))
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    assert isinstance(run("--config", str(config), *places).exception, Became)
    assert (becomes["--start"], becomes["--idle-off"], becomes.get("--button")) == words


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("kept", [True, False])
def test_a_home_network_from_before(
    becomes: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept: bool,  # noqa: FBT001 - drawn
) -> None:
    """Where one is kept, the run is told, and by which interface; the owner is asked, no file."""
    owner = FakeOwner()
    owner.home = owner.home if kept else None
    monkeypatch.setattr(command, "Wireless", kernel)
    monkeypatch.setattr(command, "opened", lambda _, *places: owner.opened(SETTINGS, *places))
    config = tmp_path / "config.toml"
    config.write_text(GOOD)
    # What a killed run has left does not count for more than the settings.
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "hostapd.conf").write_text("channel=13\n")
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    assert isinstance(run("--config", str(config), *places).exception, Became)
    assert (becomes.get("--kept"), becomes.get("--interface")) == (
        ("yes", "lo") if kept else (None, None)
    )
    assert not (tmp_path / "r" / "hostapd.conf").exists()
