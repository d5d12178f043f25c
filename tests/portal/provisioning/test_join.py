"""The table of a join's life."""

from __future__ import annotations

import itertools

import pytest

from portal.provisioning.join import OPEN, TABLE, Phase, Turn, after

ENDS = {
    Turn.CONNECTED: Phase.CONNECTED,
    Turn.FAILED: Phase.FAILED,
    Turn.INTERRUPTED: Phase.INTERRUPTED,
}


@pytest.mark.parametrize(("phase", "turn"), [*itertools.product(Phase, Turn)])
def test_a_join_ends_only_by_an_outcome(phase: Phase, turn: Turn) -> None:
    """Connected, failed, interrupted: no other turn takes a join out of those still to come."""
    then = after(phase, turn)

    if then is not None and then not in OPEN:
        assert ENDS[turn] is then


@pytest.mark.parametrize("turn", list(Turn))
def test_connected_is_final(turn: Turn) -> None:
    """What has proven itself stays so."""
    assert after(Phase.CONNECTED, turn) is None


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.FAILED])
def test_what_was_not_tried_does_not_connect(phase: Phase) -> None:
    """Only an attempt, or one whose end nobody saw, can turn out well."""
    assert after(phase, Turn.CONNECTED) is None


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.INTERRUPTED])
def test_a_person_may_try_again(phase: Phase) -> None:
    """Then it waits in line once more."""
    assert after(phase, Turn.AGAIN) is Phase.WAITING


def test_every_phase_is_reached() -> None:
    """From the line on, the table leads to every phase."""
    reached = {Phase.WAITING}
    while more := {then for (phase, _), then in TABLE.items() if phase in reached} - reached:
        reached |= more

    assert reached == set(Phase)
