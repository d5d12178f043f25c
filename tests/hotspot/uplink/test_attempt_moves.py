"""One attempt and the access point beside it: it makes way, and all ends when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspot.uplink.outcome import Moved, Outcome, Step, Went
from tests.hotspot.uplink import trying
from tests.hotspot.uplink.trying import Joining, scene

if TYPE_CHECKING:
    from pathlib import Path

hurried = trying.hurried


def test_the_access_point_makes_way(tmp_path: Path) -> None:
    """Its moves are told before the password is tried, and the driver's own when it was."""
    moves = (Moved("announce", 11), Moved("restart", 11))
    joining = Joining(tmp_path, scene(moves=moves, moved_by_itself=Moved("announce", 1)))
    joining.join()

    begun = Went(Step.AUTHENTICATED, "begun")
    told = joining.told
    assert told[2:5] == [*moves, begun]
    assert told.index(Moved("announce", 1)) > told.index(Went(Step.ASSOCIATED, "done"))


def test_a_radio_that_cannot_have_both(tmp_path: Path) -> None:
    """The access point leaves before anything is looked for, and its interface is the station."""
    joining = Joining(tmp_path, scene(has_both=False))

    assert joining.join().outcome is Outcome.CONNECTED
    assert joining.told[:2] == [Went(Step.FOUND, "begun"), Moved("return", 6)]
    log = joining.scene.log
    assert log.index("away") < log.index("+in its place") < log.index("look 2437")
    assert "lease wlan0" in log
    assert log[-2:] == ["-in its place", "back"]
    assert not any(what.startswith("room") for what in log)


PLACES = [
    *("+station", "+supplicant", "look 2437", "+inside", "room 2437", "take"),
    *("lease vestibule0", "enter 7", "address 192.168.77.131/24", "gateway 192.168.77.1"),
    "reach",
]


@pytest.mark.parametrize("where", PLACES)
def test_cancelled(tmp_path: Path, where: str) -> None:
    """Wherever it is, the end that somebody asks for comes, and nothing is kept or stays."""
    joining = Joining(tmp_path, scene())
    joining.scene.before = lambda what: joining.cancelled.set() if what == where else None

    ended = joining.join()

    assert ended.outcome is Outcome.CANCELLED
    assert not joining.scene.kept
    assert joining.scene.log[-1] == "back"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("where", ["lease vestibule0", "gateway 192.168.77.1", "reach"])
def test_lost_on_the_way(tmp_path: Path, where: str) -> None:
    """A network that sends us away before it has proven itself is lost, not connected."""
    joining = Joining(tmp_path, scene())
    joining.scene.before = lambda what: (
        joining.means.supplicants[0].gone() if what == where else None
    )

    assert joining.join().outcome is Outcome.LOST
    assert not joining.scene.kept
