"""Removed and purged: what is gone and what is kept; in a copy of this machine."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.deploy.copies import Copy
from tests.deploy.keeping import STATE, fill, told

YES = "vestibule vestibule/purge-answers boolean true\n"
OURS = ("var/lib/vestibule", "etc/vestibule", "opt/vestibule")


def purged(machine: Copy) -> str:
    """Purge it; what is said."""
    return machine.run("dpkg", "--purge", "vestibule").stdout


def gone(machine: Copy, name: str) -> bool:
    """Whether a path is not there: never was, or was taken away from a lower layer."""
    path = machine.written / name
    return not path.exists() or stat.S_ISCHR(path.lstat().st_mode)


def test_purge_leaves_nothing(machine: Copy, package: Path) -> None:
    """Installed and purged, every file of the machine is what it was before: users, settings,
    links to units, what Python compiled.
    """
    machine.run("dpkg", "--install", package)
    assert (machine.written / STATE).is_dir()
    assert "\nvestibule:" in (machine.written / "etc/passwd").read_text()

    purged(machine)

    assert machine.left() == []
    assert "vestibule" not in (machine.written / "var/lib/dpkg/status").read_text()


@pytest.mark.long
def test_a_long_life_leaves_nothing(machine: Copy, package: Path, newer: Path) -> None:
    """Installed, upgraded, used, removed, installed again, removed and purged: as before."""
    for words in (
        ("--install", package),
        ("--install", newer),
        ("--remove", "vestibule"),
        ("--install", newer),
        ("--remove", "vestibule"),
        ("--purge", "vestibule"),
    ):
        machine.run("dpkg", *words)
        if words[0] == "--install":
            machine.run("vestibule", "records", "list")

    assert machine.left() == []


@pytest.mark.long
def test_a_device_that_was_in_use(installed: Copy) -> None:
    """Its key and its settings go with it, without a question: they are nobody's answers."""
    (installed.written / STATE / "access-point.json").write_text("{}")
    (installed.written / "etc/vestibule/key.pem").write_text("secret")

    purged(installed)

    assert all(gone(installed, name) for name in OURS)
    # The one that the test itself has put there.
    assert installed.left() == ["usr/sbin/policy-rc.d"]


def test_answers_that_nobody_else_has_are_kept(installed: Copy) -> None:
    """Nobody can be asked, so they stay, and it is said where; the key and the settings go."""
    (installed.written / STATE / "access-point.json").write_text("{}")
    fill(installed)

    said = purged(installed)

    assert "vestibule: the answers that people have given are kept in /var/lib/vestibule" in said
    left = [path.name for path in (installed.written / STATE).iterdir()]
    assert "records.db" in left
    assert all(name.startswith("records.db") for name in left)
    assert gone(installed, "etc/vestibule")
    assert "\nvestibule:" in (installed.written / "etc/passwd").read_text()


@pytest.mark.long
def test_what_was_kept_goes_on(installed: Copy, package: Path) -> None:
    """Purged and installed again, the records are there, under the same user."""
    fill(installed)
    before = told(installed)
    purged(installed)

    installed.run("dpkg", "--install", package)

    assert told(installed) == before


@pytest.mark.long
def test_they_go_where_somebody_says_so(installed: Copy) -> None:
    """The question can be answered beforehand, as debconf has it."""
    fill(installed)
    (installed.folder / "run/answers").write_text(YES)
    installed.run("debconf-set-selections", "/run/answers")

    said = purged(installed)

    assert "kept" not in said
    assert all(gone(installed, name) for name in OURS)


@pytest.mark.long
@pytest.mark.parametrize(
    "file",
    ["delivered/0197.json", "records.db.damaged-20260101T000000Z", "records.db", "bench/bench.db"],
    ids=["delivered here", "set aside", "unreadable", "the bench"],
)
def test_what_may_hold_answers_is_kept_too(installed: Copy, file: str) -> None:
    """Those that were delivered to this machine, and files that nobody can read."""
    path = installed.written / STATE / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("?")

    said = purged(installed)

    assert "are kept in /var/lib/vestibule" in said
    assert path.exists()


@pytest.mark.long
def test_whose_files_may_lie_elsewhere_keeps_its_number(installed: Copy) -> None:
    """Where an operator let the delivery write elsewhere, the user stays: the next one to get
    its number would get its files.
    """
    drop_in = installed.written / "etc/systemd/system/vestibule-deliver.service.d/srv.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nReadWritePaths=/srv/records\n")

    purged(installed)

    assert "\nvestibule:" in (installed.written / "etc/passwd").read_text()
    assert drop_in.exists()
    assert gone(installed, STATE)


def test_a_removal_stops_all_of_it(installed: Copy) -> None:
    """Before its programs are gone: they put back what they changed."""
    installed.run("dpkg", "--remove", "vestibule")

    asked = installed.asked()
    assert asked.index("stop vestibule.target") < asked.index("daemon-reload")
    assert "start vestibule.target" not in asked
