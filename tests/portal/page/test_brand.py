"""A page with somebody else's name on it, and what docs/brand.md says about that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hotspot import settings
from portal.page.face import Face
from tests.portal.fakes import FakeOutbox, client_of, fake_services
from tests.portal.reading import Page

DOCS = (Path(__file__).parents[3] / "docs" / "brand.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 2z"/></svg>'
NETWORK = b"Haus am See".hex()


def example(number: int) -> settings.Settings:
    """The settings of the page's examples, in their order."""
    blocks = [text for kind, text in BLOCKS if kind == "toml"]
    return settings.parse(blocks[number], file="docs/brand.md")


def face_of(told: settings.Settings, folder: Path) -> Face:
    """The face by these settings, with files in `folder` instead of /etc/vestibule."""
    brand = told.brand
    here = {
        name: str(value).replace("/etc/vestibule", str(folder))
        for name, value in (("logo", brand.logo), ("templates", brand.templates))
        if value
    }
    shown = settings.Brand(**{**{n: getattr(brand, n) for n in brand.__slots__}, **here})
    return Face.of(shown, told.provisioning.fields, pytest.fail)


def test_the_example_of_a_brand(tmp_path: Path) -> None:
    """Name, colour, logo and support are on the page, each reader's in their language."""
    (tmp_path / "logo.svg").write_text(LOGO)
    client = client_of(fake_services(face=face_of(example(0), tmp_path)))
    page, german = Page(client.get("/").text), Page(client.get("/?lang=de").text)
    page.check()

    assert page.one("b").text == "Pump & Well"
    assert "--go:#9a3412" in page.one("style").text
    assert page.all("path")[0].get("d") == "M1 2z"
    assert page.all("p")[-1].text == "Questions? +49 30 1234567"
    assert german.all("p")[-1].text == "Fragen? 030 1234567"


@pytest.mark.parametrize("logo", ["<html/>", "", None])
def test_a_logo_that_cannot_be_used(tmp_path: Path, logo: str | None) -> None:
    """It is named in the log, and ours is shown."""
    path, said = tmp_path / "logo.svg", list[str]()
    if logo is not None:
        path.write_text(logo)
    face = Face.of(settings.Brand(logo=str(path)), (), said.append)
    page = Page(client_of(fake_services(face=face)).get("/").text)

    assert [line.startswith(f"brand.logo: {path} ") for line in said] == [True]
    assert "var(--go)" in str(page.all("path")[0].get("fill"))


def test_the_example_of_questions(tmp_path: Path) -> None:
    """Every question is on the form in its kind, and its answer is kept."""
    outbox = FakeOutbox()
    client = client_of(fake_services(outbox, face=face_of(example(1), tmp_path)))
    page = Page(client.get("/?lang=de").text)
    page.check()

    labels = [each.text for each in page.all("label") if each.text in DOCS and each.text]
    assert labels == [
        "Raum",
        "Stockwerk",
        "Wofür",
        "Ich stimme den Bedingungen zu",
        "Aktivierungscode",
    ]
    assert page.one("small", id="h-fields.room").text == "Wo das Gerät stehen wird"
    assert [each.text for each in page.all("option")][-2:] == ["Garten", "Keller"]

    answers = {"room": "Keller", "floor": "-1", "use": "cellar", "terms": "true", "code": "ABC123"}
    entries = {f"fields.{name}": value for name, value in answers.items()}
    sent = {"network": NETWORK, "passphrase": "12345678", **entries}
    assert client.post("/setup", data=sent).status_code == 303
    assert dict(outbox.records[0].fields) == answers


def test_a_wrong_answer_is_told_beside_its_question(tmp_path: Path) -> None:
    """The others come back as they were, the secret does not."""
    outbox = FakeOutbox()
    client = client_of(fake_services(outbox, face=face_of(example(1), tmp_path)))
    sent = {"network": NETWORK, "passphrase": "12345678", "fields.floor": "41",
            "fields.use": "garden", "fields.code": "ABC123"}  # fmt: skip
    page = Page(client.post("/setup", data=sent).text)
    page.check()

    wrong = {str(each.get("id")): each.text for each in page.all("strong")}
    assert wrong == {
        "e-fields.room": "Please fill this in.",
        "e-fields.floor": "This must be 40 or less.",
        "e-fields.terms": "Please fill this in.",
    }
    assert page.one("input", name="fields.floor").get("value") == "41"
    assert "selected" in page.one("option", value="garden").attributes
    assert page.one("input", name="fields.code").get("value") is None
    focused = [each for each in page.elements if "autofocus" in each.attributes]
    assert [each.get("name") for each in focused] == ["fields.room"]
    assert not outbox.records


def templates_with(folder: Path, **files: str) -> Face:
    """A face whose folder of templates holds these files."""
    place = folder / "templates"
    place.mkdir()
    for name, text in files.items():
        (place / f"{name}.html").write_text(text)
    return face_of(example(2), folder)


def test_the_example_of_a_template(tmp_path: Path) -> None:
    """It takes the place of ours, and takes ours over."""
    (line,) = [text for kind, text in BLOCKS if kind == "jinja"]
    client = client_of(fake_services(face=templates_with(tmp_path, stay=line)))

    for path in ("/", "/?other=1"):
        page = Page(client.get(path).text)
        page.check()
        assert page.all("p")[-1].text == "Made by Pump & Well, Berlin."
        assert page.one("form", action="/release")


@pytest.mark.parametrize(
    "broken", ["{% if %}", "{{ 1", '{% extends "ours/stay.html" %}{% endif %}']
)
def test_a_broken_template_is_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    """Nor is any other of that folder: the page is ours, and the log names file and line."""
    face = templates_with(tmp_path, base="<p>theirs</p>", stay=broken)
    page = Page(client_of(fake_services(face=face)).get("/").text)
    page.check()

    assert "theirs" not in [each.text for each in page.all("p")]
    assert f"{tmp_path}/templates/stay.html:1: " in caplog.text


def test_a_folder_that_is_not_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The page is ours."""
    face = face_of(example(2), tmp_path)

    assert client_of(fake_services(face=face)).get("/").status_code == 200
    assert "brand.templates" in caplog.text
