"""A power cut at any moment: the count for every day; `make torture` has the whole one."""

from __future__ import annotations

import shutil

import pytest

from tests.torture import powercut
from tests.torture.powercut import Toll

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def test_what_was_told_is_there() -> None:
    """At every act of the store, with any of the unsynced lost: no told record, no damage."""
    toll = powercut.cut(5, 2)

    assert toll.images > 300
    assert (toll.lost, toll.damaged) == (0, 0)


def test_a_store_that_does_not_sync_is_caught() -> None:
    """The same images of a store without its syncs lose what was told: this test can fail."""
    toll = powercut.cut(4, 1, "PRAGMA synchronous=OFF")

    assert toll.lost > 0


def test_a_journal_that_is_deleted_is_caught() -> None:
    """SQLite's default, to delete the journal, lets a told record come undone: the name's
    removal is not synced before the commit is told.
    """
    toll = powercut.cut(4, 1, "PRAGMA journal_mode=DELETE")

    assert toll != Toll(toll.images, 0, 0)
