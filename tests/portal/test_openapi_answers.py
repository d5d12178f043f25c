"""Every answer of the API is as its description says, word by word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient

from portal.app import LARGEST_BODY
from portal.form import networks
from portal.form.limits import Limit
from portal.joining import reports
from portal.joining.driver import Joining
from portal.joining.radio import Silent
from portal.joining.reports import Scanning
from portal.joining.rescan import Rescan
from portal.provisioning.join import Join, Phase
from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import DeliveryLife, Life, State
from tests.portal.described import BASE, DOCUMENT, resolved, validator
from tests.portal.fakes import (
    NOW,
    FakeOutbox,
    FakeReleases,
    FakeScan,
    client_of,
    fake_services,
    network,
)

IDENTITY = "019cb000-0000-7000-8000-000000000000"


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
