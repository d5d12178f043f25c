"""Every page of a join in every language: small, carried along, and safe around any name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.form.networks import Network
from portal.language.languages import LANGUAGES, Language
from portal.provisioning.join import Phase
from tests.portal import joined, joins
from tests.portal.fakes import FakeOutbox, FakeScan, client_of, fake_services
from tests.portal.joined import HOME, PATH, read
from tests.portal.joins import ENDED_AT, WHERE, FakeJoining, become
from tests.portal.reading import Page
from tests.portal.street import street

joining = joined.joining
visitors = joined.visitors
client = joined.client


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
