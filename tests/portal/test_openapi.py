"""The API is what its own description says: every route, every word, every answer, any request."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.app import LARGEST_BODY, create_app
from portal.form import networks
from portal.form.limits import Limit
from portal.joining import progress, reports
from portal.joining.driver import Joining
from portal.joining.radio import Silent
from portal.joining.reports import Scanning
from portal.joining.rescan import Rescan
from portal.openapi import FILE
from portal.provisioning.join import Join, Phase
from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import DeliveryLife, Life, State
from tests.hotspot import demos
from tests.hotspot.demos import Demo
from tests.portal.fakes import (
    NOW,
    FakeOutbox,
    FakeReleases,
    FakeScan,
    client_of,
    fake_services,
    network,
)

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
    for header in described.get("headers", {}):
        assert int(answer.headers[header]) >= 1
    schema = described["content"][answer.content_type]["schema"]
    validator(schema).validate(answer.get_json(force=True))


def test_the_device_s_answers(client: FlaskClient, scan: FakeScan) -> None:
    """What it is, and networks of every kind."""
    names = (b"\xff\x00", "Café", "a\u202eb", "b" * 32)
    scan.networks = tuple(network(name, -91, kind) for name in names for kind in networks.KNOWN)
    check(client, "/status", "get", 200)
    check(client, "/networks", "get", 200)
    check(client, "/schema", "get", 200)


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
        assert "released" in client.get(f"{BASE}/setup/{IDENTITY}").json  # type: ignore[operator]  # a dict
    outbox.lives.clear()
    for path in ("/setup/{id}", "/setup/{id}/events"):
        check(client, path, "get", 404)
    outbox.failure = Unwritable("gone")
    for path in ("/setup/{id}", "/setup/{id}/events"):
        check(client, path, "get", 503)


class FakeRescan:
    """A scan that has come to channel 3 of 13. `said` is what asking for one comes to."""

    progress = Scanning(3, 13)

    def __init__(self, said: bool | Silent) -> None:  # noqa: FBT001 - an answer, not a switch
        self.said = said

    def visited(self) -> None:
        """Somebody is here."""

    def begin(self) -> bool:
        if isinstance(self.said, Silent):
            raise self.said
        return self.said


class FakeJoining:
    """Joins where the same answers may be tried again, or not."""

    def __init__(self, said: bool) -> None:  # noqa: FBT001 - an answer, not a switch
        self.said = said

    def again(self, id: str) -> bool:  # noqa: A002 - the port's own word
        del id
        return self.said

    def wake(self) -> None:
        """Nobody is in line."""


@pytest.mark.parametrize(("said", "code"), [(True, 202), (False, 409), (Silent("dead"), 503)])
def test_the_answers_about_a_scan(said: bool | Silent, code: int) -> None:  # noqa: FBT001 - see above
    """Begun, not now, nobody there; and how far it has come."""
    services = replace(fake_services(), rescan=cast("Rescan", FakeRescan(said)))
    client = client_of(services)
    check(client, "/scan", "post", code)
    check(client, "/scan", "post", 403, headers={"Origin": "http://evil.example"})
    check(client, "/networks", "get", 200)


@pytest.mark.parametrize(("said", "code"), [(True, 202), (False, 409)])
def test_the_answers_to_trying_again(outbox: FakeOutbox, said: bool, code: int) -> None:  # noqa: FBT001 - see above
    """In line again, or no reason to; of what nobody knows; and when the disk is gone."""
    client = client_of(replace(fake_services(outbox), joining=cast("Joining", FakeJoining(said))))
    check(client, "/setup/{id}/again", "post", 404)
    outbox.become(IDENTITY, State.HELD)
    check(client, "/setup/{id}/again", "post", code)
    outbox.failure = Unwritable("gone")
    check(client, "/setup/{id}/again", "post", 503)


def test_the_answers_to_too_much(outbox: FakeOutbox) -> None:
    """Each with the seconds to wait."""
    none = Limit(0, 20.0)
    services = replace(
        fake_services(outbox),
        attempts=none,
        scans=none,
        joins=True,
        rescan=cast("Rescan", FakeRescan(said=True)),
        joining=cast("Joining", FakeJoining(said=True)),
    )
    client = client_of(services)
    outbox.become(IDENTITY, State.HELD)
    check(client, "/scan", "post", 429)
    check(client, "/setup/{id}/again", "post", 429)
    check(client, "/setup", "post", 429, json={"ssid": "Home", "passphrase": "correct horse"})


def test_the_answers_to_a_client(client: FlaskClient, releases: FakeReleases) -> None:
    """Released, or not because somebody else's page asked, or the disk is full."""
    check(client, "/release", "post", 200)
    check(client, "/release", "post", 403, headers={"Origin": "http://evil.example"})
    releases.failure = OSError()
    check(client, "/release", "post", 503)


# What it generates is valid by the schema, and may still be no name of 32 bytes: a 400 is right.
LEFT_OUT = "positive_data_acceptance"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """All of it, with an agent whose radio is made up."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "config.toml").write_text('[radio]\ncountry = "DE"\n[provisioning]\njoins = true\n')
    with demos.running(folder, "--config", str(folder / "config.toml")) as running:
        yield running


# Chains first: after six set-ups a client has to wait. A few do: each may follow a join to its end.
@pytest.mark.parametrize(
    ("phases", "count"), [("stateful", "5"), ("examples,coverage,fuzzing", "20")]
)
def test_any_request_gets_an_answer_that_is_described(
    demo: Demo, tmp_path: Path, phases: str, count: str
) -> None:
    """schemathesis: chains of requests, examples, edges, anything, over a socket.

    Answers have a described status, type and shape; what the description forbids is refused; an
    unknown method is too; and nothing ends in a 500.
    """
    program = Path(sysconfig.get_path("scripts")) / "schemathesis"
    host, port = demo.place
    done = subprocess.run(
        [
            *(str(program), "run", f"http://{host}:{port}{BASE}/openapi.json", "--no-color"),
            *("--checks", "all", "--exclude-checks", LEFT_OUT, "--phases", phases),
            *("--max-examples", count, "--seed", "1", "--request-timeout", "20"),
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested, done.stdout[-2000:]
    # The one about this document is not counted. Chains begin with a set-up.
    assert int(tested[1]) >= (3 if phases == "stateful" else len([*operations()]) - 1)
    assert "Traceback" not in demo.stderr.read_text()


def test_each_event_is_as_described(demo: Demo) -> None:
    """From the first step to the outcome, with an end; afterwards there is nothing to wait for."""
    # Another client than the one that has asked for too much.
    source = "127.0.0.2"
    sent = json.dumps({"ssid": "Home Sweet Home", "passphrase": "correct horse"})
    kind = {"Content-Type": "application/json"}
    _, _, answer = demo.ask("POST", f"{BASE}/setup", kind, sent, source)
    url = f"{BASE}/setup/{json.loads(answer)['id']}/events"
    described = DOCUMENT["paths"]["/setup/{id}/events"]["get"]["responses"]

    status, headers, body = demo.ask("GET", url, source=source)
    assert (status, headers["Content-Type"]) == (200, *described["200"]["content"])
    events = [event.removeprefix("data: ") for event in body.split("\n\n") if event != ":"]
    assert events.pop() == ""
    told = [json.loads(event) for event in events]
    for each in told:
        validator(SCHEMAS["Setup"]).validate(each)
    assert told[0]["join"]["state"] in {"waiting", "trying"}
    assert [each["join"]["outcome"] for each in told[:-1]] == [None] * (len(told) - 1)
    assert told[-1]["join"]["outcome"] == "connected"

    status, _, body = demo.ask("GET", url, source=source)
    assert (str(status), body) == ("204", "")
    assert str(status) in described


def test_too_much_is_refused_as_described(demo: Demo) -> None:
    """Before it has been read, in a line of text."""
    for path in ("setup", "release"):
        body = " " * (LARGEST_BODY + 1)
        status, headers, _ = demo.ask("POST", f"{BASE}/{path}", {"Connection": "close"}, body)
        described = resolved(DOCUMENT["paths"][f"/{path}"]["post"]["responses"]["413"])
        assert status == 413
        assert headers["Content-Type"].partition(";")[0] in described["content"]
