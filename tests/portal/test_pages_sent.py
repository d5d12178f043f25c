"""What a person sends by the form: kept, or met again with words beside each field."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.provisioning.keeping.store import Full, Unwritable
from tests.portal.fakes import URL, FakeOutbox
from tests.portal.filled import CANARY, HOME, entries
from tests.portal.reading import Page


def faults(answer: TestResponse) -> dict[str, str]:
    """The words beside each field, each of which says that it is wrong."""
    page = Page(answer.text)
    page.check()
    found = {}
    for words in page.elements:
        name = words.get("id") or ""
        if name.startswith("e-"):
            found[name[2:]] = words.text.strip()
            describing = [e for e in page.elements if e.get("aria-describedby") == name]
            assert [each.get("aria-invalid") for each in describing] == ["true"]
    return found


def test_what_is_sent_is_kept(client: FlaskClient, outbox: FakeOutbox) -> None:
    """303 to the page about it, by the portal's own address."""
    answer = client.post("/setup", data=entries(**{"fields.room": "attic"}))

    (record,) = outbox.records
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{URL}setup/{record.id}"
    assert (record.ssid, record.passphrase) == (HOME.ssid, CANARY)
    assert dict(record.fields) == {"room": "attic"}


def test_a_multipart_form_says_the_same(client: FlaskClient, outbox: FakeOutbox) -> None:
    """A browser may send either kind."""
    answer = client.post("/setup", data=entries(), content_type="multipart/form-data")

    assert answer.status_code == 303
    assert outbox.records[0].ssid == HOME.ssid


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"passphrase": "kurz-47"}, "passphrase", "at least 8 characters; this has 7"),
        ({"passphrase": ""}, "passphrase", "type the Wi-Fi password"),
        ({"network": ""}, "network", "choose your network"),
        ({"network": "other", "ssid": ""}, "ssid", "type its name"),
        ({"network": "other", "ssid": "ü" * 20}, "ssid", "at most 32 bytes"),
        ({"network": b"eduroam".hex(), "identity": ""}, "identity", "type the user name"),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    client: FlaskClient, outbox: FakeOutbox, changes: dict[str, str], field: str, words: str
) -> None:
    """400, the same page, words at the field, focus on the first, nothing kept."""
    answer = client.post("/setup", data=entries(**changes))

    assert answer.status_code == 400
    assert words in faults(answer)[field]
    focused = [e for e in Page(answer.text).elements if "autofocus" in e.attributes]
    assert [each.get("name") for each in focused] == [field]
    assert Page(answer.text).one("p", role="alert")
    assert not outbox.records


def test_entries_are_kept_and_secrets_are_not(client: FlaskClient) -> None:
    """The choice and the name come back; the password never does."""
    answer = client.post(
        "/setup", data=entries(network="other", ssid='"><script>' * 4, passphrase=CANARY)
    )
    page = Page(answer.text)

    assert page.one("input", name="ssid").get("value") == '"><script>' * 4
    assert page.one("input", name="passphrase").get("value") is None
    assert CANARY not in answer.text


def test_a_problem_without_a_box_is_told_at_the_top(client: FlaskClient) -> None:
    """A field that is not on the page is named in the alert."""
    answer = client.post("/setup", data=entries(admin="1"))

    assert "admin: This is not a field" in Page(answer.text).one("p", role="alert").text


def test_a_part_without_a_name(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Found by fuzzing: a multipart part that has none is refused like an unknown field."""
    token = Page(client.get("/").text).all("input", name="token")[0].get("value")
    body = (
        b"--x\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n"
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n%b\r\n--x--\r\n'
        % str(token).encode()
    )
    answer = client.post("/setup", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400
    assert not outbox.records


def test_a_record_that_is_too_large_is_told(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Each field within its bound, all of them together beyond the record's: 400, not 500."""
    fields = {f"fields.f{number}": "\u0001" * 512 for number in range(32)}
    answer = client.post("/setup", data=entries(**fields))

    assert answer.status_code == 400
    assert "more than can be kept" in Page(answer.text).one("p", role="alert").text
    assert not outbox.records


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Full("10,000 wait"), "as many answers as it can"),
        (Unwritable("No space left on device"), "could not be saved"),
    ],
)
def test_what_could_not_be_saved_is_never_called_saved(
    client: FlaskClient, outbox: FakeOutbox, failure: Exception, words: str
) -> None:
    """503, the form again with its entries, and words that say so."""
    outbox.failure = failure
    answer = client.post("/setup", data=entries())

    page = Page(answer.text)
    page.check()
    assert answer.status_code == 503
    assert words in page.one("p", role="alert").text
    assert "checked" in page.one("input", value=HOME.id).attributes
    assert CANARY not in answer.text
    assert str(failure) not in answer.text
