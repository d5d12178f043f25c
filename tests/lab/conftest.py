"""Where no guest can be had, stories are skipped with the reason; in CI that is a failure."""

from __future__ import annotations

import os

import pytest

from tests.lab import telling


@pytest.fixture(scope="session", name="_guest")
def guest() -> None:
    """A guest can be made here."""
    reason = telling.why_not()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
