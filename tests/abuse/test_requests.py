"""Mutated requests against a real portal, at a size for every commit."""

from __future__ import annotations

from pathlib import Path

from tests.abuse.requests import GROWTH, bombard
from tests.portal.serving import portal_process

COUNT = 3000


def test_mutated_requests(tmp_path: Path) -> None:
    """2xx to 4xx or a polite end, the same process throughout, and no memory lost."""
    with portal_process(tmp_path) as portal:
        assert bombard(portal, COUNT, seed=1) < GROWTH
    said = portal.stderr()
    assert said.count("\n") == 1, f"nothing but the counts: {said}"
