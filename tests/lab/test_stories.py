"""Every story of the Wi-Fi lab, as a test; the story's own docstring is its claim."""

from __future__ import annotations

import pytest

from tests.lab import telling
from tests.lab.abreast import Abreast

STORIES = [
    pytest.param(name, marks=pytest.mark.long if telling.long(name) else ())
    for name in telling.names()
]


@pytest.mark.lab
@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, told: Abreast) -> None:
    """The story, told in a fresh guest, holds to its end."""
    outcome = told.outcome(name)
    if outcome.words:
        pytest.fail(outcome.words, pytrace=False)
