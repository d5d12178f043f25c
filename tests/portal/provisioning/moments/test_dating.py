"""Moments of a clock that had not been set are dated by later ones of the same boot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from portal.provisioning.join import Turn
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Moment
from portal.provisioning.moments.dating import Dating
from tests.portal.provisioning.fakes import START, FakeClock, a_record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(before=st.floats(0, 1e7), later=st.floats(0, 1e7))
def test_dated_by_what_came_later(before: float, later: float) -> None:
    """As many seconds earlier (or later) as the monotonic clock says."""
    wrong = Moment(EPOCH, before, "b", is_set=False)
    right = Moment(START, later, "b", is_set=True)
    derived = Dating([right]).derived(wrong)

    assert derived is not None
    assert abs((START - derived) - timedelta(seconds=later - before)) < timedelta(microseconds=2)


def test_not_dated() -> None:
    """By no other boot, by no clock that was not set either; and what was set needs no other."""
    wrong = Moment(EPOCH, 5.0, "b", is_set=False)

    assert Dating([Moment(START, 9.0, "c")]).derived(wrong) is None
    assert Dating([Moment(START, 9.0, "b", is_set=False)]).derived(wrong) is None
    assert Dating([Moment(START, 9.0, "b", is_set=None)]).derived(wrong) is None
    assert Dating([Moment(START, 9.0, "b")]).derived(Moment(START, 5.0, "b")) is None
    assert Dating([Moment(START, 9.0, "b")]).derived(Moment(EPOCH, 5.0, "b", is_set=None)) is None


def test_by_the_store(tmp_path: Path) -> None:
    """What another record's step, or this moment, knows of a boot dates what came before in it."""
    clock = FakeClock()
    clock.reboot(EPOCH)
    clock.is_set = False
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(first := a_record(), ["keep"])
        store.accept(joins := a_record(), ["keep"], joins=True)
        (step,), (turn,) = store.steps(first.id), store.turns(joins.id)
        assert step.at == turn.at == Moment(EPOCH, 5.0, "boot-2", is_set=False)
        assert store.dating().derived(step.at) is None
        assert (life := store.state(joins.id)) is not None
        assert life.join is not None
        assert (life.join.at, life.join.is_set) == (EPOCH, False)
        clock.pass_(60)
        # A time server is heard of: the wall clock jumps, the other one does not.
        clock.wall, clock.is_set = START, True
        assert store.dating().derived(step.at) == START - timedelta(seconds=60)
        store.turn(joins.id, Turn.FAILED)
        assert (life := store.state(joins.id)) is not None
        assert life.join is not None
        assert (life.join.at, life.join.is_set) == (START, True)
        clock.reboot(EPOCH)
        clock.is_set = False
        assert store.dating().derived(step.at) == START - timedelta(seconds=60)
