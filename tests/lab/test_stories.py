"""Every story of the Wi-Fi lab, as a test; the story's own docstring is its claim."""

from __future__ import annotations

import pytest

from tests.lab import telling


@pytest.mark.lab
@pytest.mark.usefixtures("_guest")
@pytest.mark.parametrize("name", telling.names())
def test_story(name: str) -> None:
    """The story, told in a fresh guest, holds to its end."""
    outcome = telling.tell(name)
    if outcome.words:
        pytest.fail(outcome.words, pytrace=False)
