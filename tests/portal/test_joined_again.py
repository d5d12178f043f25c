"""Whoever tries once more, or comes back: the form as it was, for its sender alone."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from hotspot.settings import Secret
from portal.provisioning.access import Access, Enterprise, Fixed
from portal.provisioning.join import Phase
from portal.provisioning.record import Record
from portal.release.visitors import Visitors
from tests.portal import joined, joins
from tests.portal.fakes import NOW, URL, FakeOutbox
from tests.portal.joined import HOME, PATH, read
from tests.portal.joins import CANARY, ID, become
from tests.portal.reading import Page

joining = joined.joining
visitors = joined.visitors
client = joined.client


USER = Enterprise("anna", Secret(CANARY), "ttls", "-----BEGIN CERTIFICATE-----")
OWN = Fixed("192.168.1.5/24", "192.168.1.1", ("9.9.9.9", "1.1.1.1"))


def entered(page: Page) -> dict[str, Any]:
    """What the form's boxes hold."""
    boxes = [*page.all("input"), *page.all("textarea")]
    found = {str(each.get("name")): each.get("value") or each.text for each in boxes}
    chosen = [each for each in page.all("option") if "selected" in each.attributes]
    return {**found, "options": [each.get("value") for each in chosen]}


def test_the_form_comes_back_as_it_was(
    client: FlaskClient, outbox: FakeOutbox, visitors: Visitors
) -> None:
    """To its sender: a network by name, a user, an address of its own, the operator's questions.
    No password.
    """
    access = Access("enterprise", hidden=True, user=USER, own=OWN)
    kept = Record(ID, NOW, "Größe".encode(), Secret(""), {"room": "attic", "pin": Secret(CANARY)},
                  access)  # fmt: skip
    become(outbox, Phase.FAILED, "wrong_password", kept=kept)
    visitors.submitted("127.0.0.1", "", ID)
    boxes = entered(read(client))

    assert boxes["options"] == ["enterprise", "ttls"]
    assert (boxes["ssid"], boxes["identity"], boxes["ca"]) == ("Größe", "anna", USER.ca)
    assert (boxes["address"], boxes["gateway"]) == (OWN.address, OWN.gateway)
    assert (boxes["dns"], boxes["fields.room"]) == ("9.9.9.9 1.1.1.1", "attic")
    assert CANARY not in client.get(PATH).text


def test_others_see_the_network_and_no_more(client: FlaskClient, outbox: FakeOutbox) -> None:
    """What was entered is its sender's; the network is on the air for everybody."""
    access = Access(user=USER, own=OWN)
    kept = Record(ID, NOW, HOME.ssid, Secret(""), {"room": "attic"}, access)
    become(outbox, Phase.FAILED, "wrong_password", kept=kept)
    text = client.get(PATH).text

    assert "checked" in Page(text).one("input", value=HOME.id).attributes
    for word in ("anna", "attic", OWN.address, OWN.gateway, "9.9.9.9"):
        assert word not in text


def test_a_name_that_cannot_be_typed(client: FlaskClient, outbox: FakeOutbox) -> None:
    """It has left the list, and is no text: its box is empty, and the words name it safely."""
    become(outbox, Phase.FAILED, "not_found", kept=joins.record(b"\xff\xfe"))
    page = read(client)

    assert entered(page)["ssid"] == ""
    assert "⟨FF⟩⟨FE⟩" in [each.text for each in page.all("bdi")]


def test_whoever_comes_back_is_met_with_the_outcome(
    client: FlaskClient, outbox: FakeOutbox, visitors: Visitors
) -> None:
    """The page was lost: joining again leads to it, in the language chosen; and on to the form."""
    become(outbox, Phase.FAILED, "wrong_password")
    visitors.submitted("127.0.0.1", "", ID)

    assert client.get("/").headers["Location"] == f"{URL}setup/{ID}"
    assert client.get("/?lang=ar").headers["Location"] == f"{URL}setup/{ID}?lang=ar"
    assert client.get("/?new=1").status_code == client.get("/?other=1").status_code == 200
