"""The app over fakes, and browsers to open it with, for every test of the web side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.portal.fakes import (
    FakeOutbox,
    FakeReleases,
    FakeScan,
    client_of,
    fake_services,
    neighbourhood,
)
from tests.webdriver import Browser, browser


@pytest.fixture
def outbox() -> FakeOutbox:
    """The outbox behind `client`."""
    return FakeOutbox()


@pytest.fixture
def scan() -> FakeScan:
    """The scan behind `client`: eight networks."""
    return FakeScan(neighbourhood())


@pytest.fixture
def releases() -> FakeReleases:
    """Who is released, as `client` is told."""
    return FakeReleases()


@pytest.fixture
def client(outbox: FakeOutbox, scan: FakeScan, releases: FakeReleases) -> FlaskClient:
    """A client that asks under the portal's own name unless told otherwise."""
    return client_of(fake_services(outbox, scan, releases))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests here."""
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def plain() -> Iterator[Browser]:
    """One browser that runs no page's scripts."""
    with browser(scripts=False) as running:
        yield running


@pytest.fixture(params=["chromium", "plain"])
def either(request: pytest.FixtureRequest) -> Browser:
    """A phone with scripts, then one without."""
    running: Browser = request.getfixturevalue(request.param)
    running.phone()
    return running


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Browser]:
    """A phone with scripts; nothing may be refused by the policy."""
    chromium.phone()
    chromium.logged()
    yield chromium
    assert not [line for line in chromium.logged() if "Content Security Policy" in line]
