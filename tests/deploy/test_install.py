"""The package on a machine: installed and switched on, in a copy of this one."""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.deploy.company import company
from tests.deploy.conftest import GERMANY
from tests.deploy.copies import Copy
from tests.test_wheel import RENDER

PYTHON = "/opt/vestibule/bin/python3"
CONFIG = "etc/vestibule/config.toml"
WANTED = "etc/systemd/system/multi-user.target.wants/vestibule.target"
START = "start vestibule.target"


def long(*values: object) -> ParameterSet:
    """A case for `make lab` alone: one of its kind is told every day."""
    return pytest.param(*values, marks=pytest.mark.long)


def answered(machine: Copy, text: str) -> None:
    """Answer the package's questions before it asks them."""
    (machine.folder / "run").mkdir(parents=True, exist_ok=True)
    (machine.folder / "run/answers").write_text(text)
    machine.run("debconf-set-selections", "/run/answers")


def installation(machine: Copy, package: Path) -> str:
    """Install the package as apt does after all that it depends on; what is said."""
    return machine.run("dpkg", "--install", package).stdout


def test_it_works_from_its_own_environment(installed: Copy, free_port: int) -> None:
    """The command says its version, and the portal serves its page in German, with no other
    Python than Debian's; and all files are as they were packed.
    """
    said = installed.run("vestibule", "--version").stdout
    assert installed.run("dpkg", "--verify", "vestibule").stdout == ""
    code = RENDER.format(port=free_port)

    assert said.startswith("vestibule 0.")
    installed.run("env", "-C", "/run", PYTHON, "-I", "-c", code)


def test_all_that_it_may_need_is_there(installed: Copy) -> None:
    """The extras too, from its own folder, and none of them compiled."""
    code = """
import jeepney, markupsafe, paho.mqtt.client, segno, urllib3, zeroconf, zeroconf._protocol.incoming
for module in (jeepney, markupsafe, paho.mqtt.client, segno, urllib3, zeroconf):
    assert module.__file__.startswith("/opt/vestibule/lib/"), module.__file__
assert zeroconf._protocol.incoming.__file__.endswith(".py")
"""

    installed.run(PYTHON, "-I", "-c", code)


def test_nobody_elses_modules_come_first(installed: Copy) -> None:
    """A `portal` that somebody has put into the system's Python, or beside it, is not ours."""
    for place in ("usr/lib/python3/dist-packages", "usr/local/lib/python3.11/dist-packages"):
        (installed.written / place / "portal").mkdir(parents=True)
        (installed.written / place / "portal/__init__.py").write_text("raise SystemExit('theirs')")

    said = installed.run(PYTHON, "-I", "-c", "import portal; print(portal.__file__)").stdout

    assert said.startswith("/opt/vestibule/lib/")


def test_with_a_country_it_is_on(installed: Copy, package: Path) -> None:
    """One answer is enough: the settings say it, the radio is switched on, and the
    target is started, now and at boot. Debian's own hostapd and dnsmasq services are not touched.
    """
    fresh = Copy(installed.folder.parent / "fresh")
    fresh.with_systemd()
    answered(fresh, GERMANY.lower())
    switch = fresh.folder / "sys/class/ieee80211/phy0/rfkill0/soft"
    switch.parent.mkdir(parents=True)
    switch.write_text("1\n")

    said = installation(fresh, package)

    assert (fresh.written / CONFIG).read_text() == '[radio]\ncountry = "DE"\n'
    assert (fresh.written / WANTED).is_symlink()
    assert switch.read_text() == "0\n"
    asked = fresh.asked()
    assert START in asked
    assert not [line for line in asked if "hostapd" in line or "dnsmasq" in line]
    # There is no adapter here: the unit waits for one, and says so.
    assert "no Wi-Fi adapter" in said


@pytest.mark.parametrize(
    "answer",
    ["", long('vestibule vestibule/country string "; rm\n'), long(GERMANY.replace("DE", "D1"))],
)
def test_without_a_country_it_says_what_to_write(machine: Copy, package: Path, answer: str) -> None:
    """Nobody has said one, or none that is: nothing is started, and what is missing is said as a
    command that makes a valid file.
    """
    machine.with_systemd()
    if answer:
        answered(machine, answer)

    said = installation(machine, package)

    assert START not in machine.asked()
    assert not list((machine.written / CONFIG).parent.iterdir())
    (command,) = (line for line in said.splitlines() if "printf" in line)
    machine.run("sh", "-c", command.removeprefix("vestibule:").replace("sudo ", ""))
    machine.run("vestibule", "config", "check", f"/{CONFIG}")


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("boot/firmware/cmdline.txt", "console=tty1 cfg80211.ieee80211_regdom=GB rootwait\n"),
        ("etc/wpa_supplicant/wpa_supplicant.conf", "ctrl_interface=/run\ncountry=GB\n"),
    ],
)
def test_the_country_that_the_machine_knows(
    machine: Copy, package: Path, file: str, text: str
) -> None:
    """Where Raspberry Pi OS keeps it, nobody needs to say it again."""
    (machine.written / file).parent.mkdir(parents=True)
    (machine.written / file).write_text(text)

    installation(machine, package)

    assert (machine.written / CONFIG).read_text() == '[radio]\ncountry = "GB"\n'


@pytest.mark.long
def test_a_policy_against_starting_is_heard(machine: Copy, package: Path) -> None:
    """invoke-rc.d's policy layer says no, as in an image that is being made: nothing starts."""
    machine.with_systemd()
    answered(machine, GERMANY)
    machine.policy(101)

    installation(machine, package)

    assert START not in machine.asked()
    assert (machine.written / WANTED).is_symlink()


@pytest.mark.parametrize(
    ("lasting", "sessions", "words"),
    [
        ("[Address('192.0.2.5/24')]", "[ip_address('192.0.2.5')]", "somebody is logged in here"),
        long("[Address('192.0.2.5/24')]", "[]", "wlan0 is this machine's way to a network now."),
        long("[]", "[ip_address('192.0.2.5')]", None),
    ],
)
def test_nobody_is_thrown_off(
    machine: Copy, package: Path, lasting: str, sessions: str, words: str | None
) -> None:
    """Over SSH on the very adapter, or where the machine has its network by it, it says how to
    start it and does not; over another one it does.
    """
    machine.with_systemd()
    answered(machine, GERMANY)
    machine.run("dpkg", "--unpack", package)
    company(machine, lasting, sessions)

    said = machine.run("dpkg", "--configure", "vestibule").stdout

    assert (START in machine.asked()) is (words is None), said
    assert (machine.written / WANTED).is_symlink()
    if words:
        assert f"vestibule: not started now: {words}" in said
        assert "vestibule:   sudo systemctl start vestibule.target" in said


@pytest.mark.long
def test_another_python_finds_its_own(installed: Copy) -> None:
    """When Debian's default becomes a newer Python, what was compiled for the old one goes, and
    the services find theirs compiled: they may not write there themselves.
    """
    site = installed.written / "opt/vestibule/lib/python3/site-packages"
    script = "/usr/share/python3/runtime.d/vestibule.rtupdate"

    installed.run(script, "rtupdate", "python3.10", "python3.11")

    compiled = list(site.rglob("__pycache__/settings.*.pyc"))
    assert {path.name for path in compiled} == {"settings.cpython-311.pyc"}
