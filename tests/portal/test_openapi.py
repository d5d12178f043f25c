"""The API's description is true: every route, every word, every example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.app import create_app
from portal.form import networks
from portal.joining import progress, reports
from portal.openapi import FILE
from portal.provisioning.join import Phase
from portal.provisioning.life import State
from tests.portal.described import BASE, DOCUMENT, SCHEMAS, operations, resolved, validator
from tests.portal.fakes import fake_services


def media() -> Iterator[tuple[str, dict[str, Any]]]:
    """Where a body is described, and how."""
    for path, method, operation in operations():
        parts = {f"{code}": resolved(part) for code, part in operation["responses"].items()}
        parts["request"] = operation.get("requestBody", {})
        for name, part in parts.items():
            for kind, described in part.get("content", {}).items():
                yield f"{method} {path} {name} {kind}", described


def test_it_is_openapi() -> None:
    """A validator of the OpenAPI Initiative's own schema finds nothing to say."""
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_is_served_as_it_is_kept(client: FlaskClient) -> None:
    """Byte for byte."""
    answer = client.get(f"{BASE}/openapi.json")

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.data == FILE.read_bytes()


def test_every_route_is_described_and_none_else() -> None:
    """The app's routes below /api are the document's paths, method by method."""
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", "{id}", rule.rule).removeprefix(BASE), method.lower())
        for rule in create_app(fake_services()).url_map.iter_rules()
        if rule.rule.startswith(f"{BASE}/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert routes == {(path, method) for path, method, _ in operations()}


def test_every_word_is_one_of_ours() -> None:
    """Where the document lists words, they are the code's own, all of them."""
    join = SCHEMAS["Join"]["properties"]

    assert set(SCHEMAS["State"]["enum"]) == set(State)
    assert set(SCHEMAS["Step"]["enum"]) == set(reports.STEPS)
    assert set(SCHEMAS["Network"]["properties"]["security"]["enum"]) == networks.KNOWN
    assert set(join["state"]["enum"]) == set(Phase)
    assert set(join["outcome"]["enum"]) == {*reports.OUTCOMES, None}
    assert set(join["next"]["enum"]) == {*progress.NEXT.values(), "wait"}
    marks = join["steps"]["items"]["properties"]["state"]["enum"]
    assert set(marks) == {"todo", "begun", "done", "skipped", "failed"}
    assert set(reports._DETAIL) <= set(join)


@pytest.mark.parametrize(("place", "described"), [*media()], ids=lambda each: str(each)[:40])
def test_the_examples_are_examples(place: str, described: dict[str, Any]) -> None:
    """Each is what its schema says."""
    examples = [each["value"] for each in described.get("examples", {}).values()]
    examples += [described["example"]] if "example" in described else []
    for example in examples:
        errors = list(validator(described["schema"]).iter_errors(example))
        assert not errors, f"{place}: {errors}"
