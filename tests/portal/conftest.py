"""The app over fakes, for every test of the web side."""

from __future__ import annotations

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
