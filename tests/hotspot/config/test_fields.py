"""What the form asks, as the settings say it: every key, every refusal."""

from __future__ import annotations

import pytest

from hotspot import settings
from hotspot.settings import Choice, Field
from tests.hotspot.files import COUNTRY, problems

ROOM = "[provisioning.fields.room]\n"


def asked(text: str) -> tuple[Field, ...]:
    """The fields of a settings file."""
    return settings.parse(COUNTRY + text, file="c.toml").provisioning.fields


def test_every_key_of_every_kind() -> None:
    """A text, a number, a choice, a switch and a secret arrive as written, in their order."""
    found = asked("""
[provisioning]
joins = false
[provisioning.fields.serial]
label = { en = "Serial number", de = "Seriennummer" }
help = "On the back."
required = true
pattern = "[A-Z]{2}[0-9]{4}"
[provisioning.fields.floor]
kind = "number"
least = -2
most = 30
[provisioning.fields.room]
kind = "choice"
choices = ["kitchen", { value = "hall", label = { en = "Hall", de = "Flur" } }]
[provisioning.fields.reports]
kind = "switch"
[provisioning.fields.pin]
kind = "secret"
""")
    assert found == (
        Field(
            "serial",
            label={"en": "Serial number", "de": "Seriennummer"},
            help={"": "On the back."},
            required=True,
            pattern="[A-Z]{2}[0-9]{4}",
        ),
        Field("floor", "number", {"": "floor"}, least=-2, most=30),
        Field(
            "room",
            "choice",
            {"": "room"},
            choices=(
                Choice("kitchen", {"": "kitchen"}),
                Choice("hall", {"en": "Hall", "de": "Flur"}),
            ),
        ),
        Field("reports", "switch", {"": "reports"}),
        Field("pin", "secret", {"": "pin"}),
    )


@pytest.mark.parametrize(
    ("text", "start", "allowed"),
    [
        ("[provisioning]\nfields = 3", "fields = (a number)", "write [provisioning.fields.NAME]"),
        ("[provisioning]\nfields.room = 3", "fields.room = (a number)", "write [provisioning.fie"),
        ("[provisioning.fields.Room]", "fields.Room = a field", "letters a to z"),
        (f"{ROOM}kind = 'colour'", 'fields.room.kind = "colour"', "one of text, number, choice"),
        (f"{ROOM}lable = 'x'", "fields.room.lable", "did you mean provisioning.fields.room.label"),
        (f"{ROOM}label = 5", "fields.room.label = 5", "one line of 1 to 60"),
        (f"{ROOM}label = '{'x' * 61}'", "fields.room.label", "one line of 1 to 60"),
        (f"{ROOM}required = 1", "fields.room.required = 1", "true or false"),
        (f"{ROOM}pattern = '['", 'fields.room.pattern = "["', "a regular expression"),
        (f"{ROOM}pattern = 'x{{99999999999}}'", "fields.room.pattern", "a regular expression"),
        (f"{ROOM}kind = 'choice'", "fields.room.choices = missing", "2 to 32 choices"),
        (f"{ROOM}kind = 'choice'\nchoices = ['a']", "fields.room.choices", "2 to 32 choices"),
        (f"{ROOM}kind = 'choice'\nchoices = ['a', 'a']", "fields.room.choices", "no value twice"),
        (f"{ROOM}kind = 'choice'\nchoices = ['a', 1]", "fields.room.choices", "2 to 32 choices"),
        (f"{ROOM}choices = ['a', 'b']", "fields.room.choices = given for a text", "for choice"),
        (f"{ROOM}most = 3", "fields.room.most = given for a text", "for number"),
        (f"{ROOM}kind = 'number'\npattern = 'x'", "fields.room.pattern", "for text and secret"),
        (f"{ROOM}kind = 'number'\nleast = 2\nmost = 1", "fields.room.most = 1", "no less than"),
        (f"{ROOM}kind = 'number'\nmost = 9007199254740992", "fields.room.most", "a whole number"),
    ],
)
def test_what_is_refused(text: str, start: str, allowed: str) -> None:
    """Each impossible field is one line that names the key and what is allowed."""
    (problem,) = problems(COUNTRY + text)
    assert problem.startswith(f"c.toml: provisioning.{start}")
    assert allowed in problem


def test_no_more_fields_than_a_record_takes() -> None:
    """The thirty-third field is one too many."""
    tables = "".join(f"[provisioning.fields.f{number}]\n" for number in range(33))
    assert problems(COUNTRY + tables) == ["c.toml: provisioning.fields = 33 fields: at most 32"]
