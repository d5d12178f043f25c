"""Failed attempts lose their passwords in time, also where nobody comes by."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from portal.joining.lapse import Lapse
from portal.provisioning.join import Turn
from portal.provisioning.record import ERASED
from portal.provisioning.store import Store, Unwritable
from tests.portal.provisioning.fakes import FakeClock, a_record


def is_due(lapse: Lapse) -> bool:
    """Whether it says so now."""
    return lapse.due


def test_an_hour_after_the_last(tmp_path: Path) -> None:
    """It is due an hour after an attempt has failed, erases, and rests until the next one has."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock) as store:
        lapse = Lapse(store, lambda: clock.monotonic, begun=False)
        clock.pass_(100_000)
        assert not is_due(lapse)
        store.accept(record := a_record(), ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.FAILED)
        lapse.ended()
        clock.pass_(3_599)
        assert not is_due(lapse)
        clock.pass_(1)
        assert is_due(lapse)
        lapse.look()
        assert not is_due(lapse)
        kept = store.record(record.id)

    assert kept is not None
    assert kept.sealed == ERASED


def test_what_there_was_before(tmp_path: Path) -> None:
    """At a start it looks at once, and then when the rest of the hour is over."""
    clock = FakeClock()
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(record := a_record(), ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.FAILED)
        clock.pass_(600)
        lapse = Lapse(store, lambda: clock.monotonic, begun=True)
        assert is_due(lapse)
        lapse.look()
        assert not is_due(lapse)
        clock.pass_(3_000)
        assert is_due(lapse)


def test_a_disk_in_trouble(tmp_path: Path) -> None:
    """It is asked again a minute later, not in every round."""
    clock = FakeClock()

    class Broken(Store):
        def amend(self, act: object) -> NoReturn:
            del act
            raise Unwritable("the disk is read-only")

    lapse = Lapse(Broken(tmp_path / "records.db"), lambda: clock.monotonic, begun=True)
    lapse.look()

    assert not is_due(lapse)
    clock.pass_(60)
    assert is_due(lapse)
