"""The pages about a network being joined: each step, and the truth at the end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from hotspot.settings import Secret
from portal.form.networks import Network
from portal.joining.progress import NEXT, STAGES
from portal.joining.reports import Moving
from portal.language.languages import LANGUAGES, Language
from portal.page.face import Face
from portal.page.outcomes import OUTCOMES
from portal.provisioning.access import Access, Enterprise, Fixed
from portal.provisioning.join import Phase
from portal.provisioning.life import DeliveryLife, Life, State
from portal.provisioning.record import Record
from portal.release.visitors import Visitors
from tests.portal import joins
from tests.portal.fakes import (
    NOW,
    URL,
    FakeOutbox,
    FakeReleases,
    FakeScan,
    client_of,
    fake_services,
    neighbourhood,
)
from tests.portal.joins import CANARY, ENDED_AT, ID, WHERE, FakeJoining, become
from tests.portal.reading import Page
from tests.portal.street import street

HOME = neighbourhood()[0]
PATH = f"/setup/{ID}"
# What each outcome asks a person to do next: try the same again, or look at one box.
AGAIN = {"not_found", "no_address", "no_gateway", "no_internet", "lost",
         "cancelled", "failed"}  # fmt: skip
BOX = {
    "wrong_password": "passphrase",
    "needs_username": "identity",
    "not_supported": "network",
    "upstream_portal": "network",
}


@pytest.fixture
def joining() -> FakeJoining:
    """The driver behind `client`."""
    return FakeJoining()


@pytest.fixture
def visitors() -> Visitors:
    """Who sent what, behind `client`."""
    return Visitors(lambda: 0.0)


@pytest.fixture
def client(
    outbox: FakeOutbox,
    scan: FakeScan,
    releases: FakeReleases,
    joining: FakeJoining,
    visitors: Visitors,
) -> FlaskClient:
    """A client of a portal that joins."""
    services = fake_services(
        outbox,
        scan,
        releases,
        joins=True,
        joining=joining,
        visitors=visitors,
        access_point=lambda: b"Vestibule-7KQ2",
        face=Face(fields=joins.operators_fields()[:1]),
    )
    return client_of(services)


def read(client: FlaskClient, path: str = PATH) -> Page:
    """The page, held to the basics."""
    page = Page(client.get(path).text)
    page.check()
    return page


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


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_every_page_is_small(language: Language) -> None:
    """At most 10 KiB as it is sent, in every language, with twenty networks around."""
    outbox, joining = FakeOutbox(), FakeJoining()
    services = fake_services(
        outbox,
        FakeScan(street()),
        joins=True,
        joining=joining,
        rescan=joins.FakeRescan(),
        access_point=lambda: b"Vestibule-7KQ2",
    )
    client = client_of(services)
    sizes = {}
    for path in ("/?", "/?other=1&", "/languages?", "/nothing?", "/release?"):
        sizes[path] = len(client.get(f"{path}lang={language.tag}").data)
    for outcome in ENDED_AT:
        become(outbox, Phase.FAILED, outcome)
        sizes[outcome] = len(client.get(f"{PATH}?lang={language.tag}").data)
    for phase in (Phase.WAITING, Phase.TRYING, Phase.CONNECTED):
        become(outbox, phase, None, WHERE if phase is Phase.CONNECTED else {})
        sizes[phase.value] = len(client.get(f"{PATH}?lang={language.tag}").data)

    assert {path: size for path, size in sizes.items() if size > 10_240} == {}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_a_language_is_carried_along(
    client: FlaskClient, outbox: FakeOutbox, language: Any
) -> None:
    """Chosen once by a link, it stays through every form and link, without a cookie."""
    become(outbox, Phase.FAILED, "lost")
    for path in ("/", "/?other=1", PATH, "/release", "/nothing"):
        joint = "&" if "?" in path else "?"
        answer = client.get(f"{path}{joint}lang={language.tag}")
        page = Page(answer.text)

        assert page.one("html").get("lang") == language.tag
        assert page.one("html").get("dir") == ("rtl" if language.rtl else None)
        leads = [each.get("action") or each.get("href") for each in page.elements]
        ours = [lead for lead in leads if lead and lead.startswith("/")]
        assert ours
        assert [lead for lead in ours if f"lang={language.tag}" not in lead] == []
        assert "Set-Cookie" not in answer.headers
    sent = client.post(f"/setup?lang={language.tag}", data={"network": HOME.id, "passphrase": "1"})
    assert Page(sent.text).one("html").get("lang") == language.tag


def test_a_browser_is_met_in_its_language(client: FlaskClient) -> None:
    """Until another is chosen; and then nothing needs to be carried along."""
    german = {"Accept-Language": "de-AT,en;q=0.5"}
    page = Page(client.get("/", headers=german).text)
    turkish = Page(client.get("/?lang=tr", headers=german).text)

    assert page.one("h1").text == "WLAN auswählen"
    assert "lang=" not in str(page.one("form", id="setup").get("action"))
    assert turkish.one("html").get("lang") == "tr"


def test_the_way_to_the_languages_leads_back(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Each by its own name, in its own direction, the current one marked."""
    become(outbox, Phase.TRYING)
    link = next(a for a in read(client).all("a") if str(a.get("href")).startswith("/languages"))
    page = read(client, str(link.get("href")))
    links = [each for each in page.all("a") if each.get("hreflang")]

    assert [each.get("href") for each in links] == [f"{PATH}?lang={each.tag}" for each in LANGUAGES]
    assert [each.text for each in links] == [each.name for each in LANGUAGES]
    assert [each.text for each in links if each.get("aria-current")] == ["English"]


@pytest.mark.parametrize("name", [b"<b>x</b>", "\u202eevil".encode(), b"\0" * 32, b"\xff"])
def test_hostile_names_in_sentences(
    client: FlaskClient, outbox: FakeOutbox, scan: FakeScan, name: bytes
) -> None:
    """In every sentence they stand apart, whichever way it is read."""
    scan.networks = (Network(name, -40, 2437, 6, "wpa2"),)
    for phase, outcome in ((Phase.TRYING, None), (Phase.FAILED, "not_found")):
        become(outbox, phase, outcome, kept=joins.record(name))
        for tag in ("en", "ar"):
            page = read(client, f"{PATH}?lang={tag}")
            shown = scan.networks[0].label
            apart = [each for each in page.all("bdi") if each.text == shown]
            assert any(parent.tag == "q" for each in apart for parent in each.parents)
            elsewhere = [e for e in page.elements if e.tag != "bdi" and shown in e.text]
            assert not elsewhere
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", client.get(PATH).text)
