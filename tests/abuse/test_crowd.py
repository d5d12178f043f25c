"""Honest probes beside a thousand rude connections, for as long as every commit can wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.abuse import honest
from tests.abuse.crowd import KINDS
from tests.portal.serving import portal_process

SECONDS = 1.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("count", "sources"), [(1000, 1), (960, 60)])
def test_honest_probes_are_all_answered(
    tmp_path: Path, kind: str, count: int, sources: int
) -> None:
    """Without any help from the firewall, and none of the rude ends the process."""
    with portal_process(tmp_path) as portal:
        with honest.crowd(portal.address, kind, count, sources):
            tally = honest.probes(portal.address, SECONDS)
        assert portal.process.poll() is None
    assert not tally.lost
    assert tally.milliseconds
