"""Trying again and looking around, by the page and by the API: posted, limited, told."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from flask.testing import FlaskClient

from portal.form.limits import Limit
from portal.joining.driver import Joining
from portal.joining.radio import Silent
from portal.joining.reports import Scanning
from portal.joining.rescan import Rescan
from portal.provisioning.join import Phase
from portal.provisioning.life import State
from portal.release.visitors import Visitors
from tests.portal.fakes import URL, FakeOutbox, client_of, fake_services
from tests.portal.joins import CANARY, ID, FakeJoining, become

PAGE = {"page": f"/setup/{ID}/again", "api": f"/api/v1/setup/{ID}/again"}
SCAN = {"page": "/scan", "api": "/api/v1/scan"}


class Driver(FakeJoining):
    """A driver that can be asked for another try."""

    def __init__(self, outbox: FakeOutbox) -> None:
        super().__init__()
        self._outbox = outbox
        self.cancelled: list[str] = []

    def again(self, id: str) -> bool:  # noqa: A002 - the port's own
        join = self._outbox.lives[id].join
        if join is None or join.state is not Phase.FAILED:
            return False
        become(self._outbox, Phase.WAITING)
        return True

    def cancel(self, id: str) -> None:  # noqa: A002 - the port's own
        self.cancelled.append(id)


class Looker:
    """A rescan that does as a test says."""

    def __init__(self) -> None:
        self.progress: Scanning | None = None
        self.failure: Exception | None = None
        self.busy = False

    def visited(self) -> None:
        """A page is being loaded."""

    def begin(self) -> bool:
        if self.failure is not None:
            raise self.failure
        self.progress = None if self.busy else Scanning(2, 13)
        return not self.busy


@pytest.fixture
def driver(outbox: FakeOutbox) -> Driver:
    """The driver behind `client`."""
    return Driver(outbox)


@pytest.fixture
def looker() -> Looker:
    """The rescan behind `client`."""
    return Looker()


@pytest.fixture
def client(outbox: FakeOutbox, driver: Driver, looker: Looker) -> FlaskClient:
    """A client of a portal that joins, and that lets it ask twice in a row."""
    services = replace(
        fake_services(outbox),
        joins=True,
        joining=cast("Joining", driver),
        visitors=Visitors(lambda: 0.0),
        rescan=cast("Rescan", looker),
        monotonic=lambda: 100.0,
        attempts=Limit(2, 20.0),
        scans=Limit(2, 20.0),
    )
    return client_of(services)


def test_again_by_the_page(client: FlaskClient, outbox: FakeOutbox) -> None:
    """To the page that tells how it goes; nothing is typed again."""
    become(outbox, Phase.FAILED, "not_found")
    answer = client.post(PAGE["page"])

    assert (answer.status_code, answer.location) == (303, f"{URL}setup/{ID}")
    life = outbox.lives[ID]
    assert life.join is not None
    assert life.join.state is Phase.WAITING


def test_again_by_the_api(client: FlaskClient, outbox: FakeOutbox) -> None:
    """202 with where to ask; 409 for what is under way or has connected."""
    become(outbox, Phase.FAILED, "not_found")
    answer = client.post(PAGE["api"])

    assert answer.status_code == 202
    assert answer.json == {"id": ID, "url": f"{URL}api/v1/setup/{ID}"}
    assert client.post(PAGE["api"]).status_code == 409


@pytest.mark.parametrize("path", PAGE.values())
def test_again_for_nothing(client: FlaskClient, path: str) -> None:
    """An unknown record cannot be tried again."""
    assert client.post(path).status_code == 404


@pytest.mark.parametrize("path", [*PAGE.values(), *SCAN.values()])
def test_no_state_changes_by_get(client: FlaskClient, path: str) -> None:
    """They are posted."""
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("path", [*PAGE.values(), *SCAN.values()])
def test_another_origin_may_not(client: FlaskClient, outbox: FakeOutbox, path: str) -> None:
    """A page of somebody else's cannot have it done."""
    become(outbox, Phase.FAILED, "not_found")
    assert client.post(path, headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("path", [*PAGE.values(), *SCAN.values()])
def test_too_often(client: FlaskClient, outbox: FakeOutbox, path: str) -> None:
    """429 with the seconds to wait, in words too; another client may go on."""
    for _ in range(2):
        become(outbox, Phase.FAILED, "not_found")
        assert client.post(path).status_code < 400
    become(outbox, Phase.FAILED, "not_found")
    answer = client.post(path)
    other = client.post(path, environ_base={"REMOTE_ADDR": "100.64.64.9"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "21")
    assert "21 seconds" in answer.text
    assert other.status_code < 400


@pytest.mark.parametrize("path", ["/setup", "/api/v1/setup"])
def test_too_many_attempts(client: FlaskClient, outbox: FakeOutbox, path: str) -> None:
    """The third submission in a row waits; what was entered stays, the password does not."""
    wish = {"ssid": "cellar", "passphrase": CANARY}
    as_json = path.startswith("/api")
    for _ in range(2):
        client.post(path, **({"json": wish} if as_json else {"data": wish}))
    answer = client.post(path, **({"json": wish} if as_json else {"data": wish}))

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "21")
    assert "wait 21 seconds" in answer.text
    assert CANARY not in answer.text
    assert as_json or "cellar" in answer.text
    assert len(outbox.records) == 2


def test_the_next_answers_take_the_place_of_the_last(
    client: FlaskClient, outbox: FakeOutbox, driver: Driver
) -> None:
    """Of the same client, once they are safe."""
    for _ in range(2):
        client.post("/setup", data={"ssid": "cellar", "passphrase": CANARY})

    assert driver.cancelled == [outbox.records[0].id]
    assert driver.woken == 2


def test_looking_around(client: FlaskClient, looker: Looker) -> None:
    """Begun by a post; how far it has got is told with the networks."""
    assert client.get("/api/v1/networks").json["scanning"] is False  # type: ignore[index]  # JSON
    answer = client.post(SCAN["api"])
    assert (answer.status_code, answer.json) == (202, {"url": f"{URL}api/v1/networks"})
    told = client.get("/api/v1/networks").json
    assert told is not None
    assert (told["scanning"], told["done"], told["of"]) == (True, 2, 13)

    answer = client.post(SCAN["page"])
    assert (answer.status_code, answer.location) == (303, f"{URL}?new=1")
    assert looker.progress is not None


@pytest.mark.parametrize("path", SCAN.values())
def test_looking_around_in_vain(client: FlaskClient, looker: Looker, path: str) -> None:
    """A join comes first; a radio that is not there is told."""
    looker.busy = True
    assert client.post(path).status_code == 409
    looker.failure = Silent("this device's radio does not answer")
    answer = client.post(path)

    assert answer.status_code == 503
    assert "radio does not answer" in answer.text


def test_no_stream_under_another_server(client: FlaskClient, outbox: FakeOutbox) -> None:
    """204: the page asks again by itself. So it is where there is nothing to wait for."""
    become(outbox, Phase.TRYING)
    assert client.get(f"/api/v1/setup/{ID}/events").status_code == 204
    become(outbox, Phase.CONNECTED, "connected")
    assert client.get(f"/api/v1/setup/{ID}/events").status_code == 204


def test_a_portal_that_only_collects(outbox: FakeOutbox) -> None:
    """Nothing is tried again, and nobody is kept from sending often."""
    client = client_of(fake_services(outbox))
    outbox.become(ID, State.DELIVERED)

    assert client.post(PAGE["api"]).status_code == 409
    for _ in range(20):
        answer = client.post("/setup", data={"ssid": "cellar", "passphrase": CANARY})
        assert answer.status_code == 303
