"""What is posted about users, other networks, and an address of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from hotspot.settings import Secret
from portal.form.forms import Submission
from portal.provisioning.access import Access, Enterprise, Fixed
from tests.portal.form.posting import CANARY, HOME, OFFICE, form, post, problems_of

PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n"


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
