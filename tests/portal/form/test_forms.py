"""What is posted, as a submission or as words for each field."""

from __future__ import annotations

from typing import Any

import pytest

from hotspot.settings import Secret
from portal.form import forms
from portal.form.forms import Submission
from tests.portal.form.posting import CANARY, GUESTS, HOME, OLD, form, post, problems_of


def test_a_listed_network() -> None:
    """Its id carries the bytes; the empty box of the other network is not looked at."""
    assert form(network=HOME.id, ssid="", passphrase="12345678") == Submission(
        b"home", Secret("12345678")
    )


def test_an_unlisted_network_by_name() -> None:
    """The name is taken byte for byte, blanks included."""
    assert form(network="other", ssid=" Größe ", passphrase="12345678").ssid == " Größe ".encode()
    assert form(ssid="x").ssid == b"x"


def test_a_network_that_has_left_the_list() -> None:
    """The page was loaded before the last scan: the id is still good, byte for byte."""
    assert form(network="ff00", passphrase="12345678").ssid == b"\xff\x00"


def test_an_open_network_needs_no_password() -> None:
    """None is asked for, and one typed for another network before is dropped."""
    assert form(network=GUESTS.id).passphrase == ""
    assert form(network=GUESTS.id, passphrase="1234").passphrase == ""


def test_json_says_the_same_by_both_names() -> None:
    """By the network's name as text, or by its id."""
    wanted = Submission(b"home", Secret("12345678"), {"room": "attic"})

    assert post(ssid="home", passphrase="12345678", fields={"room": "attic"}) == wanted
    assert post(network=HOME.id, passphrase="12345678", fields={"room": "attic"}) == wanted


def test_form_fields_of_ones_own() -> None:
    """Names that start with "fields." are the form's own."""
    pairs = {"ssid": "x", "fields.room": "attic", "fields.note": ""}

    assert forms.from_form(pairs.items(), ()).fields == {"room": "attic", "note": ""}


@pytest.mark.parametrize(
    "passphrase", ["12345678", "x" * 63, "spaces are fine", " ~8 chars~ ", "aF" * 32]
)
def test_passwords_as_the_standard_has_them(passphrase: str) -> None:
    """8 to 63 printable ASCII characters, or the key itself in 64 hex digits."""
    assert form(network=HOME.id, passphrase=passphrase).passphrase == passphrase


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("", "type the Wi-Fi password"),
        ("1234567", "at least 8 characters; this has 7"),
        ("x" * 64, "at most 63 characters; this has 64"),
        ("passwörter", "letters without accents"),
        ("1234567\n", "letters without accents"),
        ("1234567\x7f", "letters without accents"),
    ],
)
def test_words_about_a_password(passphrase: str, words: str) -> None:
    """What is wrong and what to do, without the password itself."""
    problems = problems_of(form, network=HOME.id, passphrase=passphrase)

    assert problems.keys() == {"passphrase"}
    assert words in problems["passphrase"]
    assert len(passphrase) < 8 or passphrase not in problems["passphrase"]


def test_json_is_told_that_an_open_network_has_none() -> None:
    """A program that sends a password for an open network has mixed something up."""
    assert problems_of(post, ssid="guests", passphrase="12345678").keys() == {"passphrase"}


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({}, "ssid", "choose your network"),
        ({"network": ""}, "network", "choose your network"),
        ({"network": "other"}, "ssid", "type its name"),
        ({"network": "other", "ssid": "ä" * 17}, "ssid", "at most 32 bytes; this one has 34"),
        ({"network": "zz"}, "network", "not known"),
        ({"network": "61" * 33}, "network", "not known"),
        ({"network": "6A"}, "network", "not known"),
        ({"network": OLD.id}, "network", "too old to be safe"),
        ({"ssid": "attic"}, "ssid", "too old to be safe"),
        ({"ssid": "x", "admin": "1"}, "admin", "not a field"),
        ({"ssid": "x", "fields.A": "1"}, "fields.A", "1 to 32"),
        ({"ssid": "x", "fields.": "1"}, "fields.", "1 to 32"),
        ({"ssid": "x", "fields.a": "y" * 513}, "fields.a", "513 characters; at most 512"),
    ],
)
def test_words_about_a_field(values: dict[str, str], field: str, words: str) -> None:
    """Each field with a problem is named, with words about it."""
    assert words in problems_of(form, **values)[field]


def test_twice_is_once_too_often() -> None:
    """Two values for one name are not guessed between."""
    pairs = [("ssid", "a"), ("ssid", "b")]

    assert problems_of(forms.from_form, pairs, ()).keys() == {"ssid"}


def test_too_many_fields() -> None:
    """At most 32."""
    many = {f"f{number}": "" for number in range(33)}

    assert "33 fields; at most 32" in problems_of(post, ssid="x", fields=many)["fields"]


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"ssid": 1}, "ssid", "text, not a number"),
        ({"ssid": None}, "ssid", "text, not null"),
        ({"network": ["61"]}, "network", "text, not a list"),
        ({"ssid": "x", "network": "78"}, "ssid", "not both"),
        ({"ssid": "\ud800"}, "ssid", "half a character"),
        ({"ssid": "x", "passphrase": 12345678}, "passphrase", "text, not a number"),
        ({"ssid": "x", "passphrase": True}, "passphrase", "text, not true or false"),
        ({"ssid": "x", "fields": []}, "fields", "an object, not a list"),
        ({"ssid": "x", "fields": {"a": {}}}, "fields.a", "text, not an object"),
        ({"ssid": "x", "fields": {"a": "\udfff"}}, "fields.a", "half a character"),
        ({"ssid": "x", "<script>": 1}, "?script?", "not a field"),
        ({"ssid": "x", "n" * 99: 1}, "n" * 40, "not a field"),
    ],
)
def test_wrong_types_are_named(document: dict[str, Any], field: str, words: str) -> None:
    """JSON of the wrong type is refused by name, with what was found."""
    assert words in problems_of(post, **document)[field]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'"x"',
        b"\xff{}",
        b"\xef\xbb\xbf{}",
        '{"ssid": "x"}'.encode("utf-16"),
        b'{"ssid": "a", "ssid": "b"}',
        b'{"ssid": "a", "fields": {"b": "1", "b": "2"}}',
        b'{"ssid": NaN}',
        b'{"ssid": -Infinity}',
        b'{"ssid": ' + b"9" * 5_000 + b"}",
        b'{"a":' * 20_000,
        b"[" * 60_000,
    ],
)
def test_no_json_object_no_submission(body: bytes) -> None:
    """What is no plain JSON object in UTF-8 is refused as a whole."""
    assert problems_of(forms.from_json, body, ()).keys() == {"body"}


def test_a_submission_does_not_show_its_password() -> None:
    """Nor in a repr, where tracebacks and logs would find it."""
    assert CANARY not in repr(form(network=HOME.id, passphrase=CANARY))
