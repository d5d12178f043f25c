"""The API is what its own description says: every route, every word, every answer, any request."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal import networks, progress, reports
from portal.app import LARGEST_BODY, create_app
from portal.openapi import FILE
from portal.provisioning.join import Join, Phase
from portal.provisioning.life import DeliveryLife, Life, State
from portal.provisioning.store import Unwritable
from tests.portal.fakes import NOW, FakeOutbox, FakeReleases, FakeScan, fake_services, network
from tests.portal.serving import portal_process

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
BASE = "/api/v1"
IDENTITY = "019cb000-0000-7000-8000-000000000000"


def closed(schema: Any) -> Any:
    """A schema whose objects have the members they name and no others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {"unevaluatedProperties": False, **inner} if "properties" in schema else inner


def validator(schema: Mapping[str, Any]) -> OAS31Validator:
    """A validator of answers; what the description does not name is an error."""
    return OAS31Validator(closed({**schema, "components": DOCUMENT["components"]}))


def resolved(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the document, or what it refers to."""
    found: Any = part
    while "$ref" in found:
        path = found["$ref"].removeprefix("#/").split("/")
        found = DOCUMENT
        for name in path:
            found = found[name]
    return dict(found)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


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


def check(client: FlaskClient, path: str, method: str, code: int, **sent: Any) -> None:
    """Ask, and hold the answer against the document, member by member."""
    url = f"{BASE}{path.format(id=IDENTITY)}"
    answer = client.open(url, method=method.upper(), **sent)
    assert answer.status_code == code, answer.data
    described = resolved(DOCUMENT["paths"][path][method]["responses"][str(code)])
    schema = described["content"][answer.content_type]["schema"]
    validator(schema).validate(answer.get_json(force=True))


def test_the_device_s_answers(client: FlaskClient, scan: FakeScan) -> None:
    """What it is, and networks of every kind."""
    names = (b"\xff\x00", "Café", "a\u202eb", "b" * 32)
    scan.networks = tuple(network(name, -91, kind) for name in names for kind in networks.KNOWN)
    check(client, "/status", "get", 200)
    check(client, "/networks", "get", 200)


def test_the_answers_to_a_submission(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Kept, refused for each reason there is, and not to be kept."""
    good = {"ssid": "Home", "passphrase": "correct horse"}
    check(client, "/setup", "post", 202, json=good)
    check(client, "/setup", "post", 400, json={"ssid": "", "passphrase": "x", "y": 1})
    check(client, "/setup", "post", 403, json=good, headers={"Origin": "http://evil.example"})
    check(client, "/setup", "post", 415, data=b"ssid=Home")
    long = b" " * (LARGEST_BODY + 1)
    check(client, "/setup", "post", 413, data=long, content_type="application/json")
    outbox.failure = Unwritable("full")
    check(client, "/setup", "post", 503, json=good)


DETAIL = {
    "address": "192.168.77.131/24", "gateway": "192.168.77.1", "internet": None,
    "overlaps": True, "hostname": "pump", "url": "http://portal.example/", "what": "no radio",
}  # fmt: skip


@pytest.mark.parametrize(
    "join",
    [
        None,
        Join(Phase.WAITING),
        Join(Phase.TRYING, 1),
        Join(Phase.INTERRUPTED, 2, at=NOW),
        *(
            Join(
                Phase.CONNECTED if outcome == "connected" else Phase.FAILED,
                3, outcome, "lease", DETAIL, NOW,
            )
            for outcome in sorted(reports.OUTCOMES)
        ),
    ],
)  # fmt: skip
def test_the_answers_about_a_set_up(
    client: FlaskClient, outbox: FakeOutbox, join: Join | None
) -> None:
    """In every state of its join and of its deliveries."""
    for state in State:
        reason = "no space left" if state is State.WAITING else None
        delivery = DeliveryLife("keep", state, 1, reason, NOW if reason else None)
        outbox.lives[IDENTITY] = Life(IDENTITY, state, (delivery,), join)
        check(client, "/setup/{id}", "get", 200)
    outbox.lives.clear()
    check(client, "/setup/{id}", "get", 404)
    outbox.failure = Unwritable("gone")
    check(client, "/setup/{id}", "get", 503)


def test_the_answers_to_a_client(client: FlaskClient, releases: FakeReleases) -> None:
    """Released, or not because somebody else's page asked, or the disk is full."""
    check(client, "/release", "post", 200)
    check(client, "/release", "post", 403, headers={"Origin": "http://evil.example"})
    releases.failure = OSError()
    check(client, "/release", "post", 503)


# What it generates is valid by the schema, and may still be no name of 32 bytes: a 400 is right.
LEFT_OUT = "positive_data_acceptance"


def test_any_request_gets_an_answer_that_is_described(tmp_path: Path) -> None:
    """schemathesis: examples, edges, anything, and chains of requests, over a socket.

    Answers have a described status, type and shape; what the description forbids is refused; an
    unknown method is too; and nothing ends in a 500.
    """
    program = Path(sysconfig.get_path("scripts")) / "schemathesis"
    with portal_process(tmp_path) as portal:
        done = subprocess.run(
            [
                *(str(program), "run", f"{portal.url}api/v1/openapi.json", "--no-color"),
                *("--checks", "all", "--exclude-checks", LEFT_OUT),
                *("--max-examples", "20", "--seed", "1", "--request-timeout", "20"),
            ],
            cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-8000:]
        assert re.search(r"Tested: [5-9]", done.stdout), done.stdout[-2000:]
        for path in ("setup", "release"):
            head = f"POST {BASE}/{path} HTTP/1.1\r\nHost: {portal.url.split('/')[2]}\r\n"
            answer = portal.exchange(f"{head}Content-Length: {LARGEST_BODY + 1}\r\n\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b"\r\nContent-Type: text/plain" in answer
            described = resolved(DOCUMENT["paths"][f"/{path}"]["post"]["responses"]["413"])
            assert "text/plain" in described["content"]
        assert "Traceback" not in portal.stderr()
