"""Uploads over HTTP, from clients that lose their way."""

from __future__ import annotations

import hashlib
import os
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.uploading import PIECE, blueprint
from portal.bench.artifacts.uploads import Uploads

DATA = os.urandom(150_000)
ROOT = "/bench/api/uploads"
WORDS = {"name": "fw.bin", "product": "thermostat", "version": "1.4.2"}


class Gate:
    """Who is signed in."""

    name = "Lea"
    leads = True

    def __call__(self, lead: bool) -> str:  # noqa: FBT001 - as the port has it
        if not self.name:
            abort(HTTPStatus.UNAUTHORIZED)
        if lead and not self.leads:
            abort(HTTPStatus.FORBIDDEN)
        return self.name


@pytest.fixture
def gate() -> Gate:
    """A lead."""
    return Gate()


@pytest.fixture
def client(tmp_path: Path, gate: Gate) -> FlaskClient:
    """A client of an app over an empty shelf of 1 MB."""
    app = Flask(__name__)
    app.testing = True
    shelf = Shelf(tmp_path / "artifacts", limit=1_000_000, kept=0)
    app.register_blueprint(blueprint(Uploads(shelf), gate, os.urandom))
    return app.test_client()


def begun(client: FlaskClient) -> str:
    """Where to send it."""
    answer = client.post(ROOT, headers={"Upload-Length": str(len(DATA))})
    assert answer.status_code == 201
    assert answer.headers["Upload-Limit"] == f"max-append-size={PIECE}"
    return answer.headers["Location"]


def sent(client: FlaskClient, where: str) -> None:
    """All of it, from where it stands."""
    here = int(client.head(where).headers["Upload-Offset"])
    while here < len(DATA):
        answer = client.patch(
            where, data=DATA[here : here + PIECE], headers={"Upload-Offset": str(here)}
        )
        assert answer.status_code == 204
        here = int(answer.headers["Upload-Offset"])


def test_a_file(client: FlaskClient) -> None:
    """In pieces, then by its name; the answer says what it has become."""
    where = begun(client)
    sent(client, where)
    answer = client.post(where, json={**WORDS, "override": True})

    assert answer.status_code == 201
    assert answer.json
    assert answer.json["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert answer.json["override"] == "Lea"


def test_with_content_range(client: FlaskClient) -> None:
    """As others do it."""
    where = begun(client)
    for begin in range(0, len(DATA), PIECE):
        body = DATA[begin : begin + PIECE]
        said = f"bytes {begin}-{begin + len(body) - 1}/{len(DATA)}"
        assert client.put(where, data=body, headers={"Content-Range": said}).status_code == 204

    assert client.post(where, json={**WORDS, "override": True}).status_code == 201


def test_the_wrong_place(client: FlaskClient) -> None:
    """409, and where to go on."""
    where = begun(client)
    client.patch(where, data=DATA[:100], headers={"Upload-Offset": "0"})
    answer = client.patch(where, data=DATA[:100], headers={"Upload-Offset": "50"})

    assert answer.status_code == 409
    assert answer.headers["Upload-Offset"] == "100"
    assert answer.json
    assert answer.json["expected-offset"] == 100
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("PATCH", {}),
        ("PATCH", {"Upload-Offset": "-1"}),
        ("PATCH", {"Upload-Offset": "\u0665"}),
        ("PUT", {}),
        ("PUT", {"Content-Range": "bytes 0-99/*x"}),
        ("PUT", {"Content-Range": "bytes 0-4/5"}),
        ("PUT", {"Content-Range": "bytes 9-0/10"}),
    ],
)
def test_no_place_at_all(client: FlaskClient, method: str, headers: dict[str, str]) -> None:
    """400, and nothing is kept."""
    where = begun(client)
    environ = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in headers.items()}
    answer = client.open(where, method=method, data=bytes(100), environ_base=environ)

    assert answer.status_code == 400
    assert client.head(where).headers["Upload-Offset"] == "0"


def test_no_room(client: FlaskClient) -> None:
    """Is said before a byte is sent."""
    answer = client.post(ROOT, headers={"Upload-Length": "2000000"})

    assert answer.status_code == 409
    assert answer.json
    assert "2.0 MB, and there is room for 1.0 MB" in answer.json["detail"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ({**WORDS}, 409, "no signature"),
        ({**WORDS, "signature": "x"}, 409, "four lines"),
        ({**WORDS, "override": "yes"}, 409, "no signature"),
        ({**WORDS, "override": True, "name": "../x"}, 409, "path"),
        ({**WORDS, "override": True, "name": 5}, 400, "words"),
        ({"override": True}, 409, "name"),
        ([], 409, "name"),
    ],
)
def test_what_is_refused(client: FlaskClient, words: object, status: int, said: str) -> None:
    """In words; what was sent stays and can be finished rightly."""
    where = begun(client)
    sent(client, where)
    answer = client.post(where, json=words)
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)

    assert client.post(where, json={**WORDS, "override": True}).status_code == 201


def test_who_may(client: FlaskClient, gate: Gate) -> None:
    """Nobody without a session; a lead's word only from a lead."""
    where = begun(client)
    sent(client, where)
    gate.leads = False
    assert client.post(where, json={**WORDS, "override": True}).status_code == 403
    gate.name = ""
    for method in ("HEAD", "PATCH", "PUT", "POST", "DELETE"):
        assert client.open(where, method=method).status_code == 401
    assert client.post(ROOT).status_code == 401


def test_thrown_away(client: FlaskClient) -> None:
    """Nothing of it is here any more."""
    where = begun(client)
    sent(client, where)

    assert client.delete(where).status_code == 204
    assert client.head(where).headers["Upload-Offset"] == "0"
    assert client.head(f"{ROOT}/../../etc").status_code in {404, 409}
