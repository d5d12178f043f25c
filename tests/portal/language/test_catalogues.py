"""What the page says, in every language it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.language.catalogues import Catalogues
from portal.language.languages import ENGLISH, LANGUAGES, Language, named
from portal.page.face import Face
from portal.provisioning.join import Phase
from portal.provisioning.life import State
from portal.services import Services
from tests.portal.catalogues import FOLDER, hook
from tests.portal.fakes import FakeOutbox, FakeReleases, client_of, fake_services
from tests.portal.joins import ENDED_AT, ID, WHERE, FakeJoining, become, operators_fields
from tests.portal.reading import Page

OTHERS = LANGUAGES[1:]
PLACES = re.compile(r"%\(\w+\)s")
# In our own words and everybody else's: names of things that have no other.
SAME = {"Router", "PEAP", "TTLS", "Wi-Fi"}


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Every word of ours, as it stands in templates and modules."""
    return [message.id for message in hook().gathered() if message.id]


def catalogue(language: Language) -> Catalog:
    """What stands in a language's file."""
    with (FOLDER / f"{language.locale}.po").open("rb") as file:
        return read_po(file, locale=language.locale, abort_invalid=True)


def test_there_is_a_catalogue_for_every_language() -> None:
    """And none besides."""
    assert {path.stem for path in FOLDER.glob("*.po")} == {each.locale for each in OTHERS}


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.tag)
def test_no_word_is_left_out(language: Language, words: list[str]) -> None:
    """Each is there, is said, has the same places, and nothing in it is HTML."""
    found = {str(each.id): str(each.string) for each in catalogue(language) if each.id}

    assert [word for word in words if not found.get(word)] == []
    assert [word for word in found if word not in words] == []
    for word, said in found.items():
        assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(word)), word
        assert not re.search(r"[<>&]|%(?!\()", said), said
        assert said == said.strip(), said
    assert not [message.id for message in catalogue(language) if message.fuzzy]


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.tag)
def test_the_catalogues_are_in_order(language: Language) -> None:
    """`python deploy/catalogues.py` would change nothing."""
    path = FOLDER / f"{language.locale}.po"

    assert hook().written(path, hook().gathered()) == path.read_bytes()


def test_a_catalogue_that_is_compiled_says_the_same(tmp_path: Path) -> None:
    """From words to the file that the standard library reads, and the same bytes each time."""
    for path in FOLDER.glob("d*.po"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    made = hook().compile_all(tmp_path)
    first = [path.read_bytes() for path in made]
    german = named("de")
    assert german is not None

    assert made == [tmp_path / "de" / "LC_MESSAGES" / "portal.mo"]
    assert [path.read_bytes() for path in hook().compile_all(tmp_path)] == first
    assert Catalogues(tmp_path)(german)("Connected") == "Verbunden"


def test_a_catalogue_that_is_missing_leaves_english(tmp_path: Path) -> None:
    """A checkout that was never built still has a page."""
    said = Catalogues(tmp_path)

    assert [said(each)("Connected") for each in LANGUAGES] == ["Connected"] * len(LANGUAGES)


def test_a_catalogue_is_read_once() -> None:
    """When somebody first asks for it."""
    german = named("de")
    assert german is not None
    said = Catalogues()
    first = said(german)

    assert said(german) is first
    assert first("Connected") == "Verbunden"
    assert said(ENGLISH)("Connected") == "Connected"


def marked(folder: Path, words: list[str]) -> Catalogues:
    """Catalogues in whose German every word of ours stands between ⟦ ⟧."""
    catalog = Catalog(locale="de")
    for word in words:
        catalog.add(word, f"⟦{word}⟧")
    path = folder / "de" / "LC_MESSAGES" / "portal.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)
    return Catalogues(folder)


class World:
    """The portal with every word of ours marked, and what its pages are about."""

    def __init__(self, folder: Path, words: list[str]) -> None:
        self.outbox = FakeOutbox()
        self.releases = FakeReleases()
        self.joining = FakeJoining()
        self.face = Face(fields=operators_fields(), catalogues=marked(folder, words))

    def services(self, **more: Any) -> Services:
        return fake_services(self.outbox, releases=self.releases, face=self.face, demo=True, **more)

    def screens(self) -> Iterator[str]:
        """Every page there is, in German."""
        yield from self.collecting()
        yield from self.joined()

    def collecting(self) -> Iterator[str]:
        """Where nothing is joined."""
        client = client_of(self.services())
        yield client.get("/?lang=de").text
        yield client.get("/?lang=de&other=1").text
        yield client.get("/languages?lang=de").text
        yield client.get("/nothing?lang=de").text
        yield client.get("/release?lang=de").text
        for entries in (
            {"network": "", "passphrase": "1", "address": "x", "fields.number": "x"},
            {"ssid": "", "security": "enterprise", "fields.room": "1"},
            {"network": b"Haus am See".hex(), "passphrase": "ü" * 70, "admin": "1"},
        ):
            yield client.post("/setup?lang=de", data=entries).text
        for state in State:
            if state is not State.HELD:
                self.outbox.become(ID, state, "⟦a reason⟧")
                yield client.get(f"/setup/{ID}?lang=de").text
        self.releases.released.add("127.0.0.1")
        yield client.get("/release?lang=de").text
        yield client.get("/?lang=de").text

    def joined(self) -> Iterator[str]:
        """Where the device joins what it is given."""
        services = self.services(
            joins=True, joining=self.joining, access_point=lambda: b"Vestibule-7KQ2"
        )
        client = client_of(services)
        yield client.get("/?lang=de").text
        self.joining.before = 1
        for phase in (Phase.WAITING, Phase.TRYING, Phase.INTERRUPTED):
            become(self.outbox, phase)
            yield client.get(f"/setup/{ID}?lang=de").text
        for outcome in ENDED_AT:
            become(self.outbox, Phase.FAILED, outcome)
            yield client.get(f"/setup/{ID}?lang=de").text
        for detail in (WHERE, {**WHERE, "internet": False}, {}):
            become(self.outbox, Phase.CONNECTED, "connected", detail)
            yield client.get(f"/setup/{ID}?lang=de").text


# What is nobody's word of ours: names, addresses, numbers, and what an operator has written.
FOREIGN = re.compile(
    r"⟦.*?⟧|\d[\d./]*|https?://\S+|Vestibule\S*|Deutsch|keep|room|number|consent|secret|kitchen"
    r"|hall|admin",
    re.DOTALL,
)


def test_no_page_says_a_word_that_is_in_no_catalogue(tmp_path: Path, words: list[str]) -> None:
    """With every word of ours marked, nothing is left unmarked on any page: not in a text, not in
    what is read aloud.
    """
    for text in World(tmp_path, words).screens():
        page = Page(text)
        page.check()
        for element in page.elements:
            spoken = [element.get(name) or "" for name in ("aria-label", "title", "data-busy")]
            if element.tag not in {"style", "script", "bdi"} and element.get("lang") is None:
                spoken.append(element.text)
            left = FOREIGN.sub("", " ".join(spoken))
            assert not re.search(r"\w", left) or left.strip() in SAME, (left, text)
