"""`vestibule run`: all that can be refused is refused before anything is changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import Result

from hotspot.supervisor import lock
from tests.hotspot.commands import running
from tests.hotspot.commands.running import GOOD, run

root = running.root


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
