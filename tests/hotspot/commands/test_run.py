"""`vestibule run`: all that can be refused is refused before anything is changed."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import main
from hotspot.commands import run as command
from hotspot.supervisor import lock
from hotspot.supervisor.loop import STOPPING
from tests.hotspot.agent.test_radio import SETTINGS, FakeOwner, kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
GOOD = '[radio]\ncountry = "DE"\n[dns]\nttl = 7\n'


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


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests looks like root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def run(*words: str) -> Result:
    """`vestibule run` with these words."""
    return CliRunner().invoke(main, ["run", *words])


def refusal(done: Result) -> tuple[int, str]:
    """Its status and its words, where nothing else was said."""
    assert done.stdout == ""
    return done.exit_code, done.stderr


def test_without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before all else, also before a settings file is looked for: status 1, and two ways out."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    said = "the radio needs root: sudo vestibule run, or try it without root and radio: "
    assert refusal(run("--config", "/no/such/file")) == (1, f"{said}vestibule run --demo\n")


@pytest.mark.usefixtures("root")
def test_settings_that_cannot_be_used(tmp_path: Path) -> None:
    """A line for each problem, status 2, and no directory was made."""
    config = tmp_path / "config.toml"
    config.write_text("[radio]\nchannel = 15\n")
    places = ["--state", str(tmp_path / "state"), "--runtime", str(tmp_path / "run")]
    status, said = refusal(run("--config", str(config), *places))
    assert status == 2
    assert said.count("\n") == 2
    assert f"{config}: radio.country = missing: " in said
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.usefixtures("root")
def test_settings_that_are_not_there(tmp_path: Path) -> None:
    """Without a settings file there is no country, and so no radio: status 2."""
    status, said = refusal(run("--config", str(tmp_path / "none.toml")))
    assert status == 2
    remedy = 'write one with at least [radio] and country = "DE", or name another with --config'
    assert said == f"{tmp_path}/none.toml does not exist: {remedy}\n"


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("option", ["--http", "--dns"])
def test_the_demo_s_options_are_the_demo_s(option: str) -> None:
    """A real run's addresses are the access point's: usage, status 2."""
    status, said = refusal(run(option, "127.0.0.1:8080"))
    assert status == 2
    assert said.endswith("Error: --http and --dns are for the demo: add --demo\n")


@pytest.mark.parametrize(
    "place",
    [
        "0.0.0.0:8080",
        "192.168.1.5:80",
        "example.org:80",
        "[::1]:8080",
        ":8080",
        "127.0.0.1",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:x",
    ],
)
def test_a_demo_stays_on_this_machine(tmp_path: Path, place: str) -> None:
    """Nothing but a loopback address and a port is taken: status 2, nothing made."""
    status, said = refusal(run("--demo", "--state", str(tmp_path / "state"), "--http", place))
    assert status == 2
    wanted = "an address of this machine alone and a port, such as 127.0.0.1:8080"
    assert said.endswith(f"Error: Invalid value for '--http': {place} is not {wanted}\n")
    assert not list(tmp_path.iterdir())


def test_a_runtime_path_no_socket_fits_in(tmp_path: Path) -> None:
    """A path too long for a Unix socket is refused before it is made: status 2."""
    deep = tmp_path / ("x" * 90)
    expected = f"{deep} is too long for the sockets in it (over 80 bytes)"
    done = run("--demo", "--state", str(tmp_path / "s"), "--runtime", str(deep))
    assert refusal(done) == (2, f"{expected}: choose another with --runtime\n")
    assert not deep.exists()


def test_a_state_that_cannot_be_kept(tmp_path: Path) -> None:
    """A file in the way of the directory: the system's reason and the option that helps."""
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "state"
    expected = f"{path} cannot be made (Not a directory): choose another with --state\n"
    assert refusal(run("--demo", "--state", str(path))) == (1, expected)


def test_another_one_is_running(tmp_path: Path) -> None:
    """The lock is taken before anything is written: status 1."""
    (tmp_path / "run").mkdir()
    held = lock.take(tmp_path / "run")
    pid = os.getpid()
    expected = f"another vestibule is running (pid {pid}): stop it first: kill {pid}\n"
    assert refusal(run("--demo", "--state", str(tmp_path))) == (1, expected)
    assert not (tmp_path / "run" / "networks.json").exists()
    os.close(held)


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


@pytest.mark.usefixtures("root")
def test_mdns_without_zeroconf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for and cannot be had is refused with the remedy, and nothing was made."""
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    config = tmp_path / "config.toml"
    config.write_text(f"{GOOD}[portal]\nmdns = true\n")
    places = ["--state", str(tmp_path / "s"), "--runtime", str(tmp_path / "r")]
    expected = (
        "portal.mdns needs zeroconf, which is not installed: "
        f"{sys.prefix}/bin/pip install 'zeroconf>=0.150', or leave mdns out\n"
    )
    assert refusal(run("--config", str(config), *places)) == (1, expected)
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


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


def test_a_memory_that_stays_is_refused(tmp_path: Path) -> None:
    """Going on would tell newcomers that they are online: status 1, and a remedy."""
    released = tmp_path / "run" / "released"
    released.parent.mkdir()
    released.write_text("not a directory")
    expected = (
        f"{released} cannot be removed (Not a directory): "
        "remove it by hand, or choose another --runtime\n"
    )
    assert refusal(run("--demo", "--state", str(tmp_path))) == (1, expected)


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
