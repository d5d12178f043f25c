"""The pages about a network being joined: each step, and the truth at the end."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from hotspot.settings import Secret
from portal.joining.progress import NEXT, STAGES
from portal.joining.reports import Moving
from portal.page.outcomes import OUTCOMES
from portal.provisioning.join import Phase
from portal.provisioning.life import DeliveryLife, Life, State
from portal.provisioning.record import Record
from tests.portal import joined, joins
from tests.portal.fakes import NOW, FakeOutbox
from tests.portal.joined import HOME, PATH, read
from tests.portal.joins import CANARY, ENDED_AT, ID, WHERE, FakeJoining, become

joining = joined.joining
visitors = joined.visitors
client = joined.client
# What each outcome asks a person to do next: try the same again, or look at one box.
AGAIN = {"not_found", "no_address", "no_gateway", "no_internet", "lost",
         "cancelled", "failed"}  # fmt: skip
BOX = {
    "wrong_password": "passphrase",
    "needs_username": "identity",
    "not_supported": "network",
    "upstream_portal": "network",
}


def test_every_outcome_has_words() -> None:
    """All that the radio can come to, and what nobody knows."""
    assert set(OUTCOMES) == set(NEXT) - {"connected"} | {"interrupted"}
    assert set(joins.ENDED_AT) == set(OUTCOMES) - {"interrupted"}


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        ("found", ["begun", "todo", "todo", "todo", "todo"]),
        ("associated", ["done", "begun", "todo", "todo", "todo"]),
        ("gateway", ["done", "done", "begun", "todo", "todo"]),
        ("internet", ["done", "done", "done", "begun", "todo"]),
        ("kept", ["done", "done", "done", "done", "begun"]),
    ],
)
def test_each_step_is_shown_as_it_happens(
    client: FlaskClient, outbox: FakeOutbox, joining: FakeJoining, step: str, lines: list[str]
) -> None:
    """Five lines with what is done, what is under way and what is to come; it looks again."""
    become(outbox, Phase.TRYING)
    joining.reach(step)
    page = read(client)

    assert [each.get("class") for each in page.all("li")] == lines
    assert len(lines) == len(STAGES)
    assert page.one("meta", **{"http-equiv": "refresh"}).get("content") == "2"
    current = page.all("li")[lines.index("begun")]
    assert page.one("p", role="status").text == current.text
    assert HOME.label in [each.text for each in page.all("bdi")]


def test_a_network_without_a_password(
    client: FlaskClient, outbox: FakeOutbox, joining: FakeJoining
) -> None:
    """Nothing is said of a password then."""
    become(outbox, Phase.TRYING, kept=Record(ID, NOW, b"Guests", Secret("")))
    joining.reach("authenticated")

    assert [each.text for each in read(client).all("li")][1] == "Joining the network"


@pytest.mark.parametrize("how", ["announce", "restart", "return"])
def test_it_says_where_to_come_back_to(
    client: FlaskClient, outbox: FakeOutbox, joining: FakeJoining, how: str
) -> None:
    """By the name of its own Wi-Fi; and that it goes away, where it does."""
    become(outbox, Phase.TRYING)
    joining.reach("found", Moving(how, 36))
    page = read(client)
    words = " ".join(each.text for each in page.all("p"))

    assert "Vestibule-7KQ2" in [each.text for each in page.all("bdi")]
    assert "join it again: the result is shown there" in words
    assert ("goes away for a moment" in words) is (how != "announce")


@pytest.mark.parametrize(("before", "heading"), [(1, "Waiting for its turn"), (0, "Connecting")])
def test_waiting_in_line(
    client: FlaskClient, outbox: FakeOutbox, joining: FakeJoining, before: int, heading: str
) -> None:
    """Another one is being tried, if there is one; this one follows by itself."""
    become(outbox, Phase.WAITING)
    joining.before = before
    page = read(client)

    assert page.one("h1").text == heading
    assert ("Somebody else" in " ".join(each.text for each in page.all("p"))) is bool(before)
    assert page.one("meta", **{"http-equiv": "refresh"})


def test_connected(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Where the device is to be found from now on, as text: from here these lead nowhere."""
    become(outbox, Phase.CONNECTED, "connected", WHERE)
    page = read(client)
    texts = [each.text for each in page.elements]

    assert page.one("h1").text == page.one("title").text == "Connected"
    assert "http://vestibule.local/" in texts
    assert "http://192.168.77.131/" in texts
    assert not page.all("meta", **{"http-equiv": "refresh"})
    assert "There is no Internet" not in " ".join(texts)


@pytest.mark.parametrize(("internet", "told"), [(False, True), (None, False), (True, False)])
def test_connected_without_internet(
    client: FlaskClient, outbox: FakeOutbox, *, internet: bool | None, told: bool
) -> None:
    """Said where it was looked for and not found."""
    become(outbox, Phase.CONNECTED, "connected", {**WHERE, "internet": internet})
    words = " ".join(each.text for each in read(client).all("p"))

    assert ("There is no Internet on it" in words) is told


def test_connected_and_not_passed_on_yet(client: FlaskClient, outbox: FakeOutbox) -> None:
    """What becomes of the answers is told below; once they have arrived there is no more to say."""
    become(outbox, Phase.CONNECTED, "connected", WHERE)
    assert not read(client).all("li")

    life = outbox.lives[ID]
    waiting = (DeliveryLife("keep", State.WAITING, 1, "no route"),)
    outbox.lives[ID] = Life(ID, State.WAITING, waiting, life.join)
    assert "Waiting to be passed on" in [each.text for each in read(client).all("span")]


@pytest.mark.parametrize("outcome", ENDED_AT)
def test_what_went_wrong_and_what_to_do(
    client: FlaskClient, outbox: FakeOutbox, outcome: str
) -> None:
    """In words about that network, with one next step, and the form as it was filled in."""
    become(outbox, Phase.FAILED, outcome)
    page = read(client)
    words = next(each for each in page.elements if each.get("role") == "alert")

    assert page.one("h1").text == page.one("title").text == OUTCOMES[outcome].heading
    assert words in page.one("h1").parents
    assert "checked" in page.one("input", value=HOME.id).attributes
    assert CANARY not in client.get(PATH).text
    (focused,) = [each for each in page.elements if "autofocus" in each.attributes]
    again = page.all("form", action=f"{PATH}/again")
    if outcome in AGAIN:
        assert focused.text == "Try again"
        assert again[0] in focused.parents
    else:
        assert not again
        assert focused.get("name") == BOX[outcome]
    assert set(ENDED_AT) == AGAIN | set(BOX)


def test_what_was_interrupted(client: FlaskClient, outbox: FakeOutbox) -> None:
    """After a power cut: nobody knows, and it can be tried again."""
    become(outbox, Phase.INTERRUPTED)
    page = read(client)

    assert page.one("h1").text == "The attempt was interrupted"
    assert page.all("form", action=f"{PATH}/again")


def test_a_sign_in_page_is_named(client: FlaskClient, outbox: FakeOutbox) -> None:
    """By its address, which came from the air: as text, and no way to follow it from here."""
    url = 'http://portal.example/"><script>'
    become(outbox, Phase.FAILED, "upstream_portal", {"url": url})
    page = read(client)

    assert url in [each.text for each in page.all("bdi")]
    assert not [each for each in page.all("a") if "example" in str(each.get("href"))]
