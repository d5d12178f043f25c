"""What every answer has in common: headers, errors, origins, bounds."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from portal.app import LARGEST_BODY, create_app
from tests.portal.fakes import URL, FakeOutbox, OwnClient, fake_services, neighbourhood
from tests.portal.reading import Page

CANARY = "kanarienvogel-4711"
GOOD = {"network": neighbourhood()[0].id, "passphrase": CANARY}
OWN = "http://100.64.64.1"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/setup"),
        ("GET", "/nothing"),
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/networks"),
        ("POST", "/api/v1/setup"),
        ("GET", "/release"),
        ("POST", "/release"),
        ("POST", "/api/v1/release"),
        ("GET", "/api/v1/nothing"),
        ("DELETE", "/"),
    ],
)
def test_every_answer_is_guarded(client: FlaskClient, method: str, path: str) -> None:
    """CSP, no sniffing, no storing, no referrer to others, no CORS, no cookie, no version."""
    answer = client.open(path, method=method, headers={"Origin": OWN})
    policy = answer.headers["Content-Security-Policy"]

    for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'",
                 "frame-ancestors 'none'", "form-action 'self'"):  # fmt: skip
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert "Set-Cookie" not in answer.headers
    assert "Server" not in answer.headers


def test_the_nonce_is_new_and_names_all_that_is_inline(client: FlaskClient) -> None:
    """Every style and script bears the answer's own nonce, and no two answers share one."""
    nonces = set()
    for _ in range(2):
        answer = client.get("/")
        named = re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        page = Page(answer.text)
        inline = page.all("style") + page.all("script")
        assert len(inline) == 2
        assert {each.get("nonce") for each in inline} == set(named)
        nonces.update(named)

    assert len(nonces) == 2


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "https://100.64.64.1", "http://100.64.64.1:8080", "",
     "http://100.64.64.1.evil.example", "100.64.64.1"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/setup", "/api/v1/setup", "/release", "/", "/nothing"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_change_for_another_origin(
    client: FlaskClient, outbox: FakeOutbox, origin: str, path: str, method: str
) -> None:
    """403 on every route, known or not, and nothing is kept."""
    answer = client.open(path, method=method, data=GOOD, headers={"Origin": origin})

    assert answer.status_code == 403
    assert not outbox.records


@pytest.mark.parametrize("origin", [OWN, None])
def test_our_own_form_is_taken(client: FlaskClient, outbox: FakeOutbox, origin: str | None) -> None:
    """From our own origin; programs send none."""
    headers = {} if origin is None else {"Origin": origin}

    assert client.post("/setup", data=GOOD, headers=headers).status_code == 303
    assert len(outbox.records) == 1


def test_reading_is_open_to_any_origin(client: FlaskClient) -> None:
    """A GET changes nothing, so it needs no origin; CORS keeps its answer from others."""
    assert client.get("/", headers={"Origin": "http://evil.example"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/setup/019cb000-0000-7000-8000-000000000000"])
def test_reading_changes_nothing(client: FlaskClient, outbox: FakeOutbox, path: str) -> None:
    """Whatever its query says."""
    client.get(path, query_string=GOOD)

    assert not outbox.records


@pytest.mark.parametrize("path", ["/setup", "/api/v1/setup"])
@pytest.mark.parametrize("length", [LARGEST_BODY + 1, 10 * LARGEST_BODY])
def test_a_body_beyond_the_bound(client: FlaskClient, path: str, length: int) -> None:
    """413, for pages and API each in its own form."""
    kind = "application/json" if "api" in path else "application/x-www-form-urlencoded"
    answer = client.post(path, data=b"x" * length, content_type=kind)

    assert answer.status_code == 413
    assert ("problem+json" in answer.content_type) == ("api" in path)


def test_a_form_of_many_parts(client: FlaskClient) -> None:
    """More than 64 parts are not read."""
    parts = {f"fields.p{number}": "x" for number in range(65)}

    assert client.post("/setup", data=parts, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/", "GET"), ("GET", "/setup", "POST"), ("TRACE", "/", "GET")],
)
def test_a_method_that_is_not_there(
    client: FlaskClient, method: str, path: str, allowed: str
) -> None:
    """405, and what is allowed (RFC 9110 15.5.6)."""
    answer = client.open(path, method=method)

    assert answer.status_code == 405
    assert allowed in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/api/v1/setup/x"])
def test_api_errors_are_problem_documents(client: FlaskClient, path: str) -> None:
    """RFC 9457, with the status in the document too."""
    answer = client.get(path)
    document = json.loads(answer.data)

    assert answer.content_type == "application/problem+json"
    assert document["status"] == answer.status_code == 404
    assert document.keys() == {"type", "title", "status", "detail"}


@pytest.fixture
def broken() -> Flask:
    """An app whose outbox has a bug, and a secret in the bug's own words."""
    outbox = FakeOutbox()
    outbox.failure = RuntimeError("sqlite at /var/lib/vestibule")
    return create_app(fake_services(outbox))


@pytest.mark.parametrize(
    ("path", "sent"),
    [("/setup", {"data": GOOD}), ("/api/v1/setup", {"json": GOOD})],
)
def test_a_bug_is_told_without_its_inside(
    broken: Flask, caplog: pytest.LogCaptureFixture, path: str, sent: dict[str, Any]
) -> None:
    """500 in plain words; the log has the traceback, and neither has the password."""
    with caplog.at_level(logging.ERROR):
        broken.test_client_class = OwnClient
        answer = broken.test_client().post(path, **sent)

    assert answer.status_code == 500
    assert "sqlite" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError: sqlite" in caplog.text
    assert CANARY not in caplog.text + answer.text


def test_a_log_line_names_no_path(broken: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """A client's path could forge lines: the endpoint's name is enough."""
    with caplog.at_level(logging.ERROR):
        broken.test_client().get(
            "/setup/019cb000-0000-7000-8000-000000000000", base_url=URL, query_string="%0aforged"
        )

    assert "failed: pages.outcome" in caplog.text
    assert "forged" not in caplog.text


class _Rescan:
    """Counts who is here."""

    progress = None
    visits = 0

    def visited(self) -> None:
        self.visits += 1


def test_devices_are_no_visitors() -> None:
    """They ask every few seconds; with each taken for a person, the radio would look around."""
    rescan = _Rescan()
    app = create_app(fake_services(rescan=rescan))
    bench = Blueprint("bench_devices", __name__)
    bench.add_url_rule("/bench/v1/me", "me", lambda: "nothing yet")
    app.register_blueprint(bench)
    client = app.test_client()

    assert client.get("/bench/v1/me", base_url=URL).text == "nothing yet"
    assert rescan.visits == 0
    client.get("/", base_url=URL)
    assert rescan.visits == 1
