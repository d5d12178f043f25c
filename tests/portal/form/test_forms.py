"""What is posted, as a submission or as words for each field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Secret
from portal.form import forms
from portal.form.forms import Invalid, Submission
from portal.provisioning.access import Access, Enterprise, Fixed
from tests.portal.fakes import network

HOME, GUESTS, OFFICE, OLD = (
    network("home"),
    network("guests", security="open"),
    network("office", security="enterprise"),
    network("attic", security="wep"),
)
LISTED = (HOME, GUESTS, OFFICE, OLD)
CANARY = "kanarienvogel-4711"
PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n"


def form(**values: str) -> Submission:
    """A submission by HTML form."""
    return forms.from_form(values.items(), LISTED)


def post(**values: Any) -> Submission:
    """A submission by JSON."""
    return forms.from_json(json.dumps(values).encode(), LISTED)


def problems_of(act: Any, /, *arguments: Any, **values: Any) -> dict[str, str]:
    """The problems with which `act` refuses."""
    with pytest.raises(Invalid) as caught:
        act(*arguments, **values)
    return dict(caught.value.problems)


def ended(act: Any, given: Any) -> tuple[Submission | None, dict[str, str]]:
    """How `act` ended: with a submission, or with problems; anything else is a failure."""
    try:
        return act(given, LISTED), {}
    except Invalid as error:
        return None, dict(error.problems)


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


@given(st.binary())
def test_json_bytes_end_in_a_submission_or_in_words(body: bytes) -> None:
    """Only `Invalid` escapes."""
    submission, problems = ended(forms.from_json, body)

    assert (submission is None) == bool(problems)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    st.lists,
    max_leaves=3,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "ssid": VALUES,
            "network": VALUES,
            "passphrase": st.just(CANARY) | VALUES,
            "fields": st.dictionaries(st.text(), VALUES) | VALUES,
        },
    )
)
def test_a_submission_keeps_the_rules(document: dict[str, Any]) -> None:
    """What passes is within every bound; what does not is told without the password."""
    submission, problems = ended(forms.from_json, json.dumps(document).encode())

    assert CANARY not in repr(problems)
    if submission is not None:
        assert 1 <= len(submission.ssid) <= 32
        assert len(submission.passphrase) in {0, *range(8, 65)}
        assert len(submission.fields) <= 32


@given(st.lists(st.tuples(st.text(), st.text())))
def test_form_pairs_end_in_a_submission_or_in_words(pairs: list[tuple[str, str]]) -> None:
    """Only `Invalid` escapes, with at least one problem."""
    submission, problems = ended(forms.from_form, pairs)

    assert (submission is None) == bool(problems)


def test_a_submission_does_not_show_its_password() -> None:
    """Nor in a repr, where tracebacks and logs would find it."""
    assert CANARY not in repr(form(network=HOME.id, passphrase=CANARY))


USER = {"identity": "anna@uni.example", "passphrase": CANARY}
OWN = {"address": "192.168.1.50/24", "gateway": "192.168.1.1"}


def test_a_user_by_form_and_by_json() -> None:
    """A form has one box for both kinds of password; a program may name it."""
    by_form = form(network=OFFICE.id, **USER)
    by_json = post(network=OFFICE.id, identity=USER["identity"], password=CANARY)

    assert by_form == by_json
    assert by_form.passphrase == ""
    assert by_form.access.user == Enterprise(USER["identity"], Secret(CANARY))
    assert CANARY not in repr(by_form)


def test_all_that_a_user_may_have() -> None:
    """Method and certificates, of a network that is not in the list."""
    sent = post(
        ssid="hidden office", security="enterprise", identity="a", password="b", method="ttls",
        ca=PEM,
    )  # fmt: skip

    assert sent.access == Access(
        "enterprise", hidden=True, user=Enterprise("a", Secret("b"), "ttls", PEM)
    )


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"identity": ""}, "identity", "type the user name"),
        ({"passphrase": ""}, "passphrase", "type the password"),
        ({"identity": "a" * 254}, "identity", "cannot be used"),
        ({"identity": "a\nb"}, "identity", "cannot be used"),
        ({"passphrase": "p" * 257}, "passphrase", "cannot be used"),
        ({"method": "md5"}, "method", "one of these: peap, ttls"),
        ({"ca": "-----BEGIN NONSENSE-----"}, "ca", "no certificates"),
    ],
)
def test_words_about_a_user(values: dict[str, str], field: str, words: str) -> None:
    """Each part that is missing or cannot be used, and never the password."""
    problems = problems_of(form, **{"network": OFFICE.id, **USER, **values})

    assert problems.keys() == {field}
    assert words in problems[field]
    assert "ppp" not in problems[field]


def test_a_form_posts_all_its_boxes() -> None:
    """A user name typed before another network was chosen is passed over; empty boxes are none."""
    empty = dict.fromkeys(("identity", "address", "gateway", "dns", "method", "ca"), "")
    sent = form(network=HOME.id, passphrase=CANARY, **{**empty, "identity": "anna"})

    assert sent == Submission(HOME.ssid, Secret(CANARY))


def test_a_program_says_what_it_means() -> None:
    """A user for a network that asks for none is a mistake of its author's."""
    assert problems_of(post, network=HOME.id, identity="a", passphrase=CANARY).keys() == {
        "identity"
    }


def test_another_network() -> None:
    """Asked for by name unless it is on the air, with the security the person saw."""
    other = form(network="other", ssid="cellar", security="wpa2-wpa3", passphrase=CANARY)
    listed = form(network="other", ssid="home", security="open", passphrase=CANARY)
    opened = form(ssid="cellar", security="open", passphrase=CANARY, identity="anna")

    assert other.access == Access("wpa2-wpa3", hidden=True)
    assert listed == Submission(b"home", Secret(CANARY))
    assert opened == Submission(b"cellar", Secret(""), access=Access("open", hidden=True))
    assert post(ssid="cellar", hidden=False).access == Access()
    assert problems_of(form, ssid="x", security="wpa9", passphrase=CANARY).keys() == {"security"}
    assert problems_of(form, ssid="x", security="wpa2").keys() == {"passphrase"}
    home = b"home".hex()
    assert problems_of(post, network=home, passphrase=CANARY, security="x").keys() == {"security"}
    no_switches: tuple[Any, ...] = (1, None, "yes", {}, [])
    for hidden in no_switches:
        assert problems_of(post, ssid="x", hidden=hidden).keys() == {"hidden"}


@pytest.mark.parametrize("dns", ["1.1.1.1 9.9.9.9", "1.1.1.1, 9.9.9.9", "1.1.1.1;9.9.9.9 "])
def test_an_address_of_ones_own(dns: str) -> None:
    """By form and by JSON."""
    by_form = form(network=HOME.id, passphrase=CANARY, dns=dns, **OWN)
    by_json = post(network=HOME.id, passphrase=CANARY, dns=["1.1.1.1", "9.9.9.9"], **OWN)

    assert by_form == by_json
    assert by_form.access.own == Fixed(OWN["address"], OWN["gateway"], ("1.1.1.1", "9.9.9.9"))


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"address": "192.168.1.50"}, {"address"}),
        ({"address": "192.168.1.0/24"}, {"address"}),
        ({"address": "127.0.0.1/8", "gateway": "127.0.0.2"}, {"address", "gateway"}),
        ({"gateway": ""}, {"gateway"}),
        ({"gateway": "192.168.2.1"}, {"gateway"}),
        ({"gateway": "192.168.1.50"}, {"gateway"}),
        ({"gateway": "192.168.1.255"}, {"gateway"}),
        ({"dns": "1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4"}, {"dns"}),
        ({"dns": "one.one"}, {"dns"}),
        ({"address": ""}, {"address"}),
    ],
)
def test_words_about_an_address(values: dict[str, str], fields: set[str]) -> None:
    """Each part that is wrong, by its box."""
    given = {"network": HOME.id, "passphrase": CANARY, **OWN, **values}

    assert problems_of(form, **given).keys() == fields
