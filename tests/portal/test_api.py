"""The JSON API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.provisioning.keeping.store import Full, Unwritable
from portal.provisioning.life import State
from tests.portal.fakes import URL, FakeOutbox, FakeReleases, FakeScan, neighbourhood, network

CANARY = "kanarienvogel-4711"


def test_status(client: FlaskClient) -> None:
    """What this is and what becomes of a submission."""
    assert client.get("/api/v1/status").json == {
        "name": "Vestibule",
        "url": URL,
        "joins": False,
        "demo": False,
    }


def test_networks(client: FlaskClient, scan: FakeScan) -> None:
    """Each with its id, its name as text where it is text, and a label that is safe."""
    scan.networks = (network("home"), network(b"\xff", security="wep"))
    answer = client.get("/api/v1/networks").json

    assert answer is not None
    assert answer["networks"] == [
        {
            "id": "686f6d65",
            "ssid": "home",
            "label": "home",
            "lookalike": False,
            "signal": -50,
            "bars": 4,
            "band": "2.4 GHz",
            "channel": 6,
            "security": "wpa2",
            "usable": True,
        },
        {
            "id": "ff",
            "ssid": None,
            "label": "⟨FF⟩",
            "lookalike": False,
            "signal": -50,
            "bars": 4,
            "band": "2.4 GHz",
            "channel": 6,
            "security": "wep",
            "usable": False,
        },
    ]


def test_a_submission_is_accepted(client: FlaskClient, outbox: FakeOutbox) -> None:
    """202 with the id and where to ask about it; asked, it is accepted."""
    answer = client.post(
        "/api/v1/setup",
        json={"ssid": "Haus am See", "passphrase": CANARY, "fields": {"room": "attic"}},
    )
    (record,) = outbox.records

    assert answer.status_code == 202
    assert answer.json == {"id": record.id, "url": f"{URL}api/v1/setup/{record.id}"}
    assert (record.ssid, record.passphrase) == (b"Haus am See", CANARY)
    assert dict(record.fields) == {"room": "attic"}
    told = client.get(f"/api/v1/setup/{record.id}").json
    assert told is not None
    assert told["state"] == "accepted"


def test_every_network_of_the_list_can_be_sent(client: FlaskClient, outbox: FakeOutbox) -> None:
    """Its id is what "network" takes."""
    for each in neighbourhood():
        if not each.unfit:
            sent = {"network": each.id, **({"passphrase": CANARY} if each.locked else {})}
            sent |= {"identity": "gast@uni.example"} if each.security == "enterprise" else {}
            assert client.post("/api/v1/setup", json=sent).status_code == 202

    assert [r.ssid for r in outbox.records] == [n.ssid for n in neighbourhood() if not n.unfit]


def test_where_a_submission_stands(client: FlaskClient, outbox: FakeOutbox) -> None:
    """State, and for each delivery what happened and when it is tried again."""
    identity = "019cb000-0000-7000-8000-000000000000"
    outbox.become(identity, State.WAITING, "no space left")

    assert client.get(f"/api/v1/setup/{identity}").json == {
        "id": identity,
        "state": "waiting",
        "deliveries": [
            {
                "name": "keep",
                "state": "waiting",
                "attempts": 1,
                "reason": "no space left",
                "next_try": "2026-03-01T09:30:00.000000Z",
            }
        ],
        "released": False,
    }


PHONE = {"REMOTE_ADDR": "100.64.64.20"}


@pytest.mark.parametrize("sent", [{}, {"json": {}}, {"data": b"anything"}])
def test_release(client: FlaskClient, releases: FakeReleases, sent: dict[str, Any]) -> None:
    """For the asking client alone, and with or without a body."""
    headers = {"X-Forwarded-For": "100.64.64.21"}
    answer = client.post("/api/v1/release", environ_base=PHONE, headers=headers, **sent)

    assert (answer.status_code, answer.json) == (200, {"released": True})
    assert releases.released == {"100.64.64.20"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 421)],
)
@pytest.mark.parametrize("path", ["/release", "/api/v1/release"])
def test_no_release_for_another_page(
    client: FlaskClient, releases: FakeReleases, headers: dict[str, str], status: int, path: str
) -> None:
    """Another page's wish, or another name, is refused as it is for a submission."""
    assert client.post(path, headers=headers).status_code == status
    assert not releases.released


@pytest.mark.parametrize("path", ["/release", "/api/v1/release", "/"])
def test_looking_releases_nobody(client: FlaskClient, releases: FakeReleases, path: str) -> None:
    """No GET or HEAD changes who is released."""
    client.get(path)
    client.head(path)

    assert not releases.released


def test_a_release_that_cannot_be_noted(client: FlaskClient, releases: FakeReleases) -> None:
    """503 without the disk's own words: the client is not told what is not so."""
    releases.failure = PermissionError(13, "Permission denied", "/run/vestibule/released")
    answer = client.post("/api/v1/release")

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "vestibule/" not in answer.text


def test_a_submission_tells_who_is_released(client: FlaskClient, outbox: FakeOutbox) -> None:
    """The page about it looks there, so that it can load anew after the release."""
    identity = "019cb000-0000-7000-8000-000000000000"
    outbox.become(identity, State.DELIVERED)
    client.post("/api/v1/release", environ_base=PHONE)
    told = [client.get(f"/api/v1/setup/{identity}", environ_base=base).json for base in (PHONE, {})]

    assert [each and each["released"] for each in told] == [True, False]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "ssid"),
        ({"ssid": ""}, "ssid"),
        ({"ssid": "x" * 33}, "ssid"),
        ({"ssid": "x", "passphrase": "short"}, "passphrase"),
        ({"ssid": "x", "passphrase": 1}, "passphrase"),
        ({"ssid": "x", "fields": {"a": 1}}, "fields.a"),
        ({"ssid": "x", "extra": 1}, "extra"),
        ([], "body"),
    ],
)
def test_a_mistake_is_named(
    client: FlaskClient, outbox: FakeOutbox, document: Any, field: str
) -> None:
    """400 with every field and its reason, and nothing kept."""
    answer = client.post("/api/v1/setup", json=document)
    problem = json.loads(answer.data)

    assert answer.status_code == problem["status"] == 400
    assert answer.content_type == "application/problem+json"
    assert [error["field"] for error in problem["errors"]] == [field]
    assert all(error["reason"] for error in problem["errors"])
    assert not outbox.records


def test_a_record_that_is_too_large_is_named(client: FlaskClient) -> None:
    """The record's own bound is told like the form's."""
    fields = {f"f{number}": "é" * 512 for number in range(32)}
    answer = client.post(
        "/api/v1/setup",
        data=json.dumps({"ssid": "x", "fields": fields}, ensure_ascii=False).encode(),
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert [error["field"] for error in json.loads(answer.data)["errors"]] == ["fields"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_says_that_it_is(client: FlaskClient, outbox: FakeOutbox, kind: str) -> None:
    """415 else: a form of another page cannot pass for JSON."""
    answer = client.post("/api/v1/setup", data=b'{"ssid": "x"}', content_type=kind)

    assert answer.status_code == 415
    assert not outbox.records


@pytest.mark.parametrize(
    ("failure", "words"),
    [(Full("10,000 wait"), "10,000 wait"), (Unwritable("disk I/O error"), "could not be saved")],
)
def test_what_could_not_be_saved(
    client: FlaskClient, outbox: FakeOutbox, failure: Exception, words: str
) -> None:
    """503 and why, without the disk's own words."""
    outbox.failure = failure
    answer = client.post("/api/v1/setup", json={"ssid": "x", "passphrase": CANARY})

    assert answer.status_code == 503
    assert words in json.loads(answer.data)["detail"]
    assert "disk I/O" not in answer.text
    assert CANARY not in answer.text


def test_what_cannot_be_read(client: FlaskClient, outbox: FakeOutbox) -> None:
    """503 and not 404: it may well be there."""
    outbox.failure = Unwritable("disk I/O error")
    answer = client.get("/api/v1/setup/019cb000-0000-7000-8000-000000000000")

    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert "disk" not in answer.text
