"""The next version over this one, and an older one over a newer: in a copy of this machine."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portal.provisioning.keeping.migrations import STEPS
from tests.deploy.company import company
from tests.deploy.copies import Copy
from tests.deploy.keeping import FULL, STATE, STORE, fill, told

CONFIG = "etc/vestibule/config.toml"
WANTED = "etc/systemd/system/multi-user.target.wants/vestibule.target"
START, STOP = "start vestibule.target", "stop vestibule.target"


def standing(machine: Copy) -> str:
    """What dpkg says of us: whether we are installed, and in which version."""
    query = ("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "vestibule")
    return machine.run(*query).stdout


def test_an_upgrade_with_a_full_store_loses_nothing(installed: Copy, newer: Path) -> None:
    """Every record, every state, every secret and the device's own key are there afterwards, and
    what ran was stopped by the old program and runs again with the new one.
    """
    (installed.written / STATE / "access-point.json").write_text("{}")
    (installed.written / CONFIG).write_text('[radio]\ncountry = "FR"\n')
    fill(installed)
    before = told(installed)
    installed.asked()

    installed.run("dpkg", "--install", newer)

    assert standing(installed) == "installed 0.1.1"
    assert len(before) == FULL + 1
    assert told(installed) == before
    assert (installed.written / STATE / "access-point.json").read_text() == "{}"
    assert (installed.written / CONFIG).read_text() == '[radio]\ncountry = "FR"\n'
    asked = installed.asked()
    assert asked.index(STOP) < asked.index("daemon-reload") < asked.index(START)


@pytest.mark.long
def test_what_was_off_stays_off(installed: Copy, newer: Path) -> None:
    """Stopped and disabled by hand, it is neither started nor enabled by an upgrade."""
    installed.run("systemctl", "stop", "vestibule.target")
    installed.run("systemctl", "--root=/", "disable", "vestibule.target")
    installed.asked()

    installed.run("dpkg", "--install", newer)

    assert START not in installed.asked()
    assert not (installed.written / WANTED).is_symlink()


def test_a_store_of_a_newer_version_is_left_alone(installed: Copy, package: Path) -> None:
    """Its records could not be read: the package is refused before anything is unpacked, in words
    that name both versions, and what ran runs again.
    """
    store = installed.written / STORE
    fill(installed)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    before = store.read_bytes()
    installed.asked()

    done = installed.run("dpkg", "--install", package, check=False)

    assert done.returncode != 0
    assert f"(it is of version {len(STEPS) + 1}, this one knows {len(STEPS)})" in done.stdout
    assert standing(installed) == "installed 0.1.0"
    assert store.read_bytes() == before
    asked = installed.asked()
    assert START in asked[asked.index(STOP) :]
    installed.run("vestibule", "--version")


def test_the_same_after_a_removal(installed: Copy, package: Path) -> None:
    """The records outlive a removal, so an older package is refused then too."""
    with closing(sqlite3.connect(installed.written / STORE)) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    installed.run("dpkg", "--remove", "vestibule")

    done = installed.run("dpkg", "--install", package, check=False)

    assert done.returncode != 0
    assert "not installed, and nothing was changed" in done.stdout


@pytest.mark.long
def test_who_is_logged_in_over_it_stays_on(installed: Copy, newer: Path) -> None:
    """The access point goes on, and it is said how to have the new version."""
    company(installed, "[]", "[ip_address('100.64.64.1')]")

    said = installed.run("dpkg", "--install", newer).stdout

    assert standing(installed) == "installed 0.1.1"
    assert not {START, STOP} & {*installed.asked()}
    assert "vestibule:   sudo systemctl restart vestibule.target" in said


@pytest.mark.long
@pytest.mark.parametrize("header", [b"", b"short", b"SQLite format 3\0" + b"\xff" * 84])
def test_a_damaged_store_is_no_obstacle(installed: Copy, newer: Path, header: bytes) -> None:
    """What is no version of any program's is for the program to mend, not for dpkg to judge."""
    (installed.written / STORE).write_bytes(header)

    installed.run("dpkg", "--install", newer)

    assert standing(installed) == "installed 0.1.1"


@pytest.mark.long
def test_removed_and_installed_again(installed: Copy, package: Path) -> None:
    """A removal keeps settings, key and records; installed again, it goes on with them."""
    fill(installed)
    before = told(installed)
    installed.run("dpkg", "--remove", "vestibule")
    assert not (installed.written / "opt/vestibule/bin").is_dir()
    installed.asked()

    installed.run("dpkg", "--install", package)

    assert told(installed) == before
    assert START in installed.asked()
