"""A portal that joins, and its page about a join."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.page.face import Face
from portal.release.visitors import Visitors
from tests.portal import joins
from tests.portal.fakes import (
    FakeOutbox,
    FakeReleases,
    FakeScan,
    client_of,
    fake_services,
    neighbourhood,
)
from tests.portal.joins import ID, FakeJoining
from tests.portal.reading import Page

HOME = neighbourhood()[0]
PATH = f"/setup/{ID}"


@pytest.fixture
def joining() -> FakeJoining:
    """The driver behind `client`."""
    return FakeJoining()


@pytest.fixture
def visitors() -> Visitors:
    """Who sent what, behind `client`."""
    return Visitors(lambda: 0.0)


@pytest.fixture
def client(
    outbox: FakeOutbox,
    scan: FakeScan,
    releases: FakeReleases,
    joining: FakeJoining,
    visitors: Visitors,
) -> FlaskClient:
    """A client of a portal that joins."""
    services = fake_services(
        outbox,
        scan,
        releases,
        joins=True,
        joining=joining,
        visitors=visitors,
        access_point=lambda: b"Vestibule-7KQ2",
        face=Face(fields=joins.operators_fields()[:1]),
    )
    return client_of(services)


def read(client: FlaskClient, path: str = PATH) -> Page:
    """The page, held to the basics."""
    page = Page(client.get(path).text)
    page.check()
    return page
