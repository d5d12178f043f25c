"""The captive portal API in the app: who is told what, under any WSGI server."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from tests.portal.fakes import FakeReleases, client_of, fake_services

SITE = "https://setup.example.com/"
API = "/captive-portal/api"


@pytest.fixture
def named(releases: FakeReleases) -> FlaskClient:
    """A client of a portal that has a name and TLS."""
    return client_of(dataclasses.replace(fake_services(releases=releases), site=SITE))


def test_the_two_states(named: FlaskClient, releases: FakeReleases) -> None:
    """Exactly the two keys that say something here, by the asking client's address."""
    captive = named.get(API, base_url=SITE)
    releases.release("127.0.0.1")
    released = named.get(API, base_url=SITE)

    assert captive.data == f'{{"captive": true, "user-portal-url": "{SITE}"}}'.encode()
    assert released.data == f'{{"captive": false, "user-portal-url": "{SITE}"}}'.encode()
    for answer in (captive, released):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/captive+json"
        assert answer.headers["Cache-Control"] == "private"


def test_head(named: FlaskClient) -> None:
    """The same without the body."""
    answer = named.head(API, base_url=SITE)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Type"] == "application/captive+json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed_by_it(named: FlaskClient, method: str) -> None:
    """It tells; it is told nothing."""
    assert named.open(API, method=method, base_url=SITE).status_code == 405


def test_only_under_tls(named: FlaskClient) -> None:
    """By the plain address there is none."""
    assert named.get(API).status_code == 404


def test_only_under_the_name(named: FlaskClient) -> None:
    """Under another name inside TLS it is misdirected; our plain host is another name there."""
    for host in ("https://other.example/", "https://100.64.64.1/"):
        assert named.get(API, base_url=host).status_code == 421
    assert named.get(API, base_url="https://setup.example.com:443/").status_code == 200


def test_without_a_name_there_is_none(client: FlaskClient) -> None:
    """Off unless it is set up, whatever the scheme."""
    for scheme in ("http", "https"):
        assert client.get(API, base_url=f"{scheme}://100.64.64.1/").status_code == 404


@pytest.mark.parametrize("base", [SITE, "http://100.64.64.1/"])
def test_what_we_name_is_where_the_client_is(named: FlaskClient, base: str) -> None:
    """Redirects and the API's own URLs stay in the asker's origin, which form-action asks for."""
    assert named.post("/release", base_url=base).headers["Location"] == f"{base}release"
    status = named.get("/api/v1/status", base_url=base).json
    assert status is not None
    assert status["url"] == base
