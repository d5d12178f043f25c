"""Where no guest can be had, stories are skipped with the reason; in CI that is a failure."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab import telling
from tests.lab.abreast import Abreast
from tests.lab.image import Missing
from tests.lab.telling import Theatre


@pytest.fixture(scope="session")
def theatre() -> Theatre:
    """What every guest is made of."""
    try:
        return telling.ready()
    except Missing as missing:
        # CI is set by whoever runs the whole, so that no story goes untold unnoticed.
        verdict = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        verdict(f"no Wi-Fi lab here: {missing}")


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest, theatre: Theatre) -> Iterator[Abreast]:
    """The stories of this session's tests, under way from the first test on."""
    names = [
        str(item.callspec.params["name"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == "test_story"
    ]
    with Abreast(names, theatre) as stories:
        yield stories
