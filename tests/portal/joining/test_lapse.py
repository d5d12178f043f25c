"""Failed attempts lose their passwords in time, also where nobody comes by."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NoReturn

from portal.joining.lapse import Lapse
from portal.provisioning.join import Turn
from portal.provisioning.keeping.store import Store, Unwritable
from portal.provisioning.life import Moment
from portal.provisioning.moments import clock
from portal.provisioning.record import ERASED
from portal.server import Plan, Site
from tests.portal.provisioning.fakes import START, FakeClock, a_record


def is_due(lapse: Lapse) -> bool:
    """Whether it says so now."""
    return lapse.due


def test_an_hour_after_the_last(tmp_path: Path) -> None:
    """It is due an hour after an attempt has failed, erases, and rests until the next one has."""
    fake = FakeClock()
    with Store(tmp_path / "records.db", clock=fake) as store:
        lapse = Lapse(store, lambda: fake.monotonic, begun=False)
        fake.pass_(100_000)
        assert not is_due(lapse)
        store.accept(record := a_record(), ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.FAILED)
        lapse.ended()
        fake.pass_(3_599)
        assert not is_due(lapse)
        fake.pass_(1)
        assert is_due(lapse)
        lapse.look()
        assert not is_due(lapse)
        kept = store.record(record.id)

    assert kept is not None
    assert kept.sealed == ERASED


def test_what_there_was_before(tmp_path: Path) -> None:
    """At a start it looks at once, and then when the rest of the hour is over."""
    fake = FakeClock()
    with Store(tmp_path / "records.db", clock=fake) as store:
        store.accept(record := a_record(), ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.FAILED)
        fake.pass_(600)
        lapse = Lapse(store, lambda: fake.monotonic, begun=True)
        assert is_due(lapse)
        lapse.look()
        assert not is_due(lapse)
        fake.pass_(3_000)
        assert is_due(lapse)


def test_a_disk_in_trouble(tmp_path: Path) -> None:
    """It is asked again a minute later, not in every round."""
    fake = FakeClock()

    class Broken(Store):
        def amend(self, act: object) -> NoReturn:
            del act
            raise Unwritable("the disk is read-only")

    lapse = Lapse(Broken(tmp_path / "records.db"), lambda: fake.monotonic, begun=True)
    lapse.look()

    assert not is_due(lapse)
    fake.pass_(60)
    assert is_due(lapse)


def test_the_portal_sees_to_it(tmp_path: Path) -> None:
    """A portal that starts on such a store has a chore, and afterwards none."""
    boot, now = clock.boot_id(), time.monotonic()
    hour_ago = Moment(START, now - 3_601, boot)
    with Store(tmp_path / "records.db", clock=lambda: hour_ago) as store:
        store.accept(record := a_record(), ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.FAILED)
    site = Site(Plan("http://192.0.2.1/", tmp_path, tmp_path, ["keep"], 1, demo=True, joins=True))
    try:
        had_a_chore = site.busy
        site.chores()
        assert (had_a_chore, site.busy) == (True, False)
    finally:
        site.rest()
    with Store(tmp_path / "records.db") as store:
        kept = store.record(record.id)

    assert kept is not None
    assert kept.sealed == ERASED
