"""The file of people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.bench.wall import pins
from portal.bench.wall.people import People, Role, Unfit


@pytest.fixture
def people(tmp_path: Path) -> People:
    """Nobody yet."""
    return People(tmp_path / "bench" / "people.json")


def test_who_is_added_is_found(people: People) -> None:
    """By name, large and small letters alike, blanks around it or not; and by nobody else."""
    people.add("  Ada   Lovelace ", Role.LEAD, "271828")

    found = people.find("ada lovelace")
    assert found is not None
    assert (found.name, found.role) == ("Ada Lovelace", Role.LEAD)
    assert pins.matches("271828", found.pin)
    assert people.find("Ada") is None
    assert people.find("") is None


def test_the_file_is_its_owners_alone(people: People, tmp_path: Path) -> None:
    """0600 in a folder of 0700, and no PIN stands in it or in a repr."""
    person = people.add("Ada", Role.LEAD, "271828")

    file = tmp_path / "bench" / "people.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert "271828" not in file.read_text() + repr(person)
    assert "scrypt" not in repr(person)


def test_another_pin(people: People) -> None:
    """The old one is worth nothing any more."""
    people.add("Ada", Role.LEAD, "271828")
    people.change("ADA", "314159")

    found = people.find("Ada")
    assert found is not None
    assert pins.matches("314159", found.pin)
    assert not pins.matches("271828", found.pin)


def test_the_last_lead_stays(people: People) -> None:
    """A technician may go, and a lead where there is another."""
    people.add("Ada", Role.LEAD, "271828")
    people.add("Ben", Role.TECHNICIAN, "271828")
    with pytest.raises(Unfit, match="last lead"):
        people.remove("Ada")
    people.add("Cleo", Role.LEAD, "271828")
    people.remove("Ada")
    people.remove("Ben")

    assert [person.name for person in people.all()] == ["Cleo"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\0b", "a\u202eb", "\x1b[31m"])
def test_names_that_will_not_do(people: People, name: str) -> None:
    """Empty, too long, or with what turns a line round."""
    with pytest.raises(Unfit):
        people.add(name, Role.LEAD, "271828")


def test_a_name_is_had_once(people: People) -> None:
    """Also when it is composed otherwise."""
    people.add("Zoë", Role.LEAD, "271828")
    with pytest.raises(Unfit, match="already"):
        people.add("ZOE\u0308", Role.LEAD, "271828")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"people": [{"name": "Ada", "role": "lead", "pin": "271828"}]}']
)
def test_a_damaged_file_lets_nobody_in(people: People, tmp_path: Path, text: str) -> None:
    """It is told, and nothing is written over it."""
    people.add("Ada", Role.LEAD, "271828")
    file = tmp_path / "bench" / "people.json"
    file.write_text(text)
    with pytest.raises(Unfit, match="damaged"):
        people.find("Ada")
    with pytest.raises(Unfit):
        people.add("Ben", Role.LEAD, "271828")

    assert file.read_text() == text


def test_the_file_can_be_read_by_people(people: People, tmp_path: Path) -> None:
    """Names stand in it as they are written."""
    people.add("Şahin", Role.TECHNICIAN, "271828")

    text = (tmp_path / "bench" / "people.json").read_text()
    assert "Şahin" in text
    assert json.loads(text)["people"][0]["role"] == "technician"
