"""What the package asks somebody who is there, and only then; in a copy of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.copies import Copy
from tests.deploy.keeping import STATE, fill
from tests.deploy.talking import talk

COUNTRY = "Country in which this access point is used:"
REMOVE = "Remove the answers that people have given? [yes/no]"
CONFIG = "etc/vestibule/config.toml"

pytestmark = pytest.mark.long


def test_the_country_is_asked(machine: Copy, package: Path) -> None:
    """Where nothing says it: answered in small letters, it is on."""
    machine.with_systemd()

    talk(machine, ("dpkg", "--install", str(package)), {COUNTRY: "fr"})

    assert (machine.written / CONFIG).read_text() == '[radio]\ncountry = "FR"\n'
    assert "start vestibule.target" in machine.asked()


def test_where_it_is_known_nothing_is_asked(installed: Copy, newer: Path) -> None:
    """An upgrade asks nothing, nor does the purge of a device that has no answers."""
    said = talk(installed, ("dpkg", "--install", str(newer)), {})
    said += talk(installed, ("dpkg", "--purge", "vestibule"), {})

    assert COUNTRY not in said
    assert REMOVE not in said


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_purge_asks_about_answers(installed: Copy, answer: str) -> None:
    """How many there are is said; and what is answered is done."""
    fill(installed)
    (installed.written / STATE / "delivered").mkdir()
    (installed.written / STATE / "delivered/one.json").write_text("{}")

    said = " ".join(talk(installed, ("dpkg", "--purge", "vestibule"), {REMOVE: answer}).split())

    assert "60 have not been delivered to every backend, and 1 file(s) lie there" in said
    assert (installed.written / STATE).is_dir() is (answer == "no")


def test_settings_that_cannot_be_used(installed: Copy, newer: Path) -> None:
    """A newer version may not take what an older took: it says which line, and starts nothing."""
    (installed.written / CONFIG).write_text('[radio]\ncountry = "FR"\nwrong = 1\n')
    installed.asked()

    said = talk(installed, ("dpkg", "--install", str(newer)), {})

    assert "vestibule: not started: the settings cannot be used." in said
    assert "radio.wrong" in said
    assert "start vestibule.target" not in installed.asked()
