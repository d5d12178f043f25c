"""The page about what was sent, and the one for whoever wants to stay."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import DeliveryLife, Life, State
from tests.portal.fakes import URL, FakeOutbox, FakeReleases
from tests.portal.filled import entries
from tests.portal.reading import Page

ID = "019cb000-0000-7000-8000-000000000000"


STAY = "Stay connected without Internet"
STATES = [
    (State.ACCEPTED, "Saved", True),
    (State.DELIVERING, "Saved, passing it on", True),
    (State.WAITING, "Saved, waiting to pass it on", True),
    (State.DELIVERED, "Saved and passed on", False),
    (State.REJECTED, "Saved, but not accepted", False),
    (State.DEAD, "This cannot be passed on", False),
]


@pytest.mark.parametrize(("state", "heading", "refreshes"), STATES)
def test_the_outcome_page_tells_the_state(
    client: FlaskClient, outbox: FakeOutbox, state: State, heading: str, *, refreshes: bool
) -> None:
    """In words, renewed by itself until final, and never "connected"."""
    outbox.become(ID, state)
    answer = client.get(f"/setup/{ID}")
    page = Page(answer.text)
    page.check()

    assert page.one("h1").text == page.one("title").text == heading
    assert bool(page.all("meta", **{"http-equiv": "refresh"})) is refreshes
    assert bool(page.all("script")) is refreshes
    assert "connected" not in answer.text.replace(STAY, "").lower()


@pytest.mark.parametrize("state", [State.WAITING, State.REJECTED])
def test_the_reason_is_told(client: FlaskClient, outbox: FakeOutbox, state: State) -> None:
    """As text, whatever a backend put into it."""
    outbox.become(ID, state, "the fleet said <b>no</b>")
    page = Page(client.get(f"/setup/{ID}").text)

    assert "the fleet said <b>no</b>" in [each.text for each in page.all("bdi")]


def test_every_delivery_is_told_by_name_where_there_are_several(
    client: FlaskClient, outbox: FakeOutbox
) -> None:
    """One gone, one waiting: both are there, and the page is renewed."""
    deliveries = (
        DeliveryLife("keep", State.DELIVERED, 1),
        DeliveryLife("fleet", State.WAITING, 3, "no route to host"),
    )
    outbox.lives[ID] = Life(ID, State.WAITING, deliveries)
    text = client.get(f"/setup/{ID}").text

    assert "Passed on to keep" in text
    assert "Waiting to be passed on to fleet" in text


@pytest.mark.parametrize("path", [f"/setup/{ID}", "/setup/x", "/setup/", "/setup/../etc", "/x"])
def test_what_is_not_there(client: FlaskClient, path: str) -> None:
    """404 as a page with the way back."""
    answer = client.get(path)
    page = Page(answer.text)
    page.check()

    assert answer.status_code == 404
    assert page.one("a", **{"class": "go"}).get("href") == "/"


def test_a_store_that_cannot_be_read_is_told(client: FlaskClient, outbox: FakeOutbox) -> None:
    """503 and not 404: the record may well be there."""
    outbox.failure = Unwritable("disk I/O error")
    answer = client.get(f"/setup/{ID}")

    assert answer.status_code == 503
    assert "disk I/O" not in answer.text


def test_whoever_wants_to_stay_can(client: FlaskClient, releases: FakeReleases) -> None:
    """A button on the page, 303, and a page that says what it means and where to come back."""
    button = Page(client.get("/").text).one("form", action="/release")
    answer = client.post(str(button.get("action")))
    page = Page(client.get("/release").text)
    page.check()

    assert button.get("method") == "post"
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{URL}release")
    assert releases.released == {"127.0.0.1"}
    assert page.one("h1").text == page.one("title").text == "You can stay connected"
    assert "This Wi-Fi has no Internet." in page.one("h1").parents[-1].text + page.all("p")[0].text
    assert page.one("a", href="/").text == URL


def test_staying_is_only_claimed_of_those_who_can(client: FlaskClient) -> None:
    """Before it was asked for, that page is an offer."""
    page = Page(client.get("/release").text)
    page.check()

    assert page.one("h1").text == "Stay connected?"
    assert page.one("button").text == STAY


@pytest.mark.parametrize("path", ["/", f"/setup/{ID}"])
def test_who_stays_is_not_asked_again(
    client: FlaskClient, outbox: FakeOutbox, releases: FakeReleases, path: str
) -> None:
    """The button is there until then, and a sentence after that."""
    outbox.become(ID, State.DELIVERED)
    assert Page(client.get(path).text).one("form", action="/release")
    releases.released.add("127.0.0.1")
    page = Page(client.get(path).text)
    page.check()

    assert not page.all("form", action="/release")
    assert "You can stay connected" in page.all("p", **{"class": "soft"})[-1].text


def test_staying_that_cannot_be_noted(client: FlaskClient, releases: FakeReleases) -> None:
    """503 in words of our own."""
    releases.failure = PermissionError(13, "Permission denied")
    answer = client.post("/release")
    Page(answer.text).check()

    assert answer.status_code == 503
    assert "could not take note" in answer.text


def test_the_page_loads_once_more_after_the_release(
    client: FlaskClient, outbox: FakeOutbox
) -> None:
    """Delivered, but the submitter not yet released: its page looks again; nobody else's does."""
    client.post("/setup", data=entries())
    (record,) = outbox.records
    outbox.become(record.id, State.DELIVERED)
    mine = Page(client.get(f"/setup/{record.id}").text)
    theirs = Page(
        client.get(f"/setup/{record.id}", environ_base={"REMOTE_ADDR": "100.64.64.9"}).text
    )

    assert bool(mine.all("script")) is True
    assert bool(theirs.all("script")) is False
