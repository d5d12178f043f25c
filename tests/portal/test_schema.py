"""The record's schema with the form's own questions: what is kept fits it, other things do not."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from hotspot.settings import Choice, Field
from portal.form import questions
from portal.openapi import RECORD
from portal.page.face import Face
from portal.provisioning.record import to_json
from portal.provisioning.secrecy.withheld import bare
from portal.schema import of
from tests.portal.fakes import client_of, fake_services
from tests.portal.provisioning.fakes import a_record

SHIPPED = json.loads(RECORD.read_bytes())
ASKED = (
    Field("room", "text", {"de": "Raum"}, {"": "Where it stands"}),
    Field("level", "number", least=-2, most=40),
    Field("use", "choice", {"en": "Use"}, choices=(Choice("heat"), Choice("cool"))),
    Field("updates", "switch"),
    Field("pin", "secret"),
)
GIVEN = [
    {},
    {"room": "12 b", "level": -1, "use": "cool", "updates": True, "pin": "1234"},
    {"level": "+040", "updates": "false"},
]


@pytest.mark.parametrize("given", GIVEN)
def test_what_is_kept_fits(given: dict[str, object]) -> None:
    """Whatever the form takes; sealed and erased too."""
    problems: dict[str, str] = {}
    record = a_record(fields=questions.answers(ASKED, given, problems))

    assert not problems
    for each in (record, bare(record)):
        jsonschema.validate(json.loads(to_json(each)), of(SHIPPED, ASKED))


@pytest.mark.parametrize(
    ("name", "value"), [("level", "4.5"), ("use", "wash"), ("updates", "on"), ("room", 12)]
)
def test_what_the_form_would_not_take(name: str, value: object) -> None:
    """An answer of another kind is no record of this device."""
    document = json.loads(to_json(a_record())) | {"fields": {name: value}}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, of(SHIPPED, ASKED))


def test_it_is_told_as_data() -> None:
    """`GET /api/v1/schema`: with titles and choices; without questions, the one that ships."""
    face = replace(Face(), fields=ASKED)
    answer = client_of(fake_services(face=face)).get("/api/v1/schema")
    fields = answer.get_json(force=True)["properties"]["fields"]["properties"]

    jsonschema.Draft202012Validator.check_schema(answer.get_json(force=True))
    assert answer.content_type == "application/schema+json"
    assert fields["room"]["title"] == "Raum"
    assert fields["room"]["description"] == "Where it stands"
    assert fields["use"]["enum"] == ["heat", "cool"]
    plain = client_of(fake_services()).get("/api/v1/schema")
    assert plain.get_json(force=True) == SHIPPED
