"""One attempt looks for its network: where first, how often, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspot.uplink import looking
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.sighting import Seen
from tests.hotspot.uplink import trying
from tests.hotspot.uplink.trying import Joining, scene

if TYPE_CHECKING:
    from pathlib import Path

hurried = trying.hurried


def test_likely_channels_first(tmp_path: Path) -> None:
    """The access point's own channel and where it was heard come before all; then one by one."""
    joining = Joining(tmp_path, scene(on_air={5180: [Seen("", 5180, -40, "wpa2")]}))

    assert joining.join().outcome is Outcome.CONNECTED
    looks = [what for what in joining.scene.log if what.startswith("look")]
    assert looks == ["look 2437", "look 2462", "look 2412", "look 5180"]
    assert joining.scene.taken[0][1] == 5180


def test_a_network_that_is_not_for_us_ends_the_search(tmp_path: Path) -> None:
    """Its name with a user's login is an answer; no other channel is asked."""
    joining = Joining(tmp_path, scene(on_air={2437: [Seen("", 2437, -40, "enterprise")]}))

    assert joining.join().outcome is Outcome.NEEDS_USERNAME
    assert "look 5180" not in joining.scene.log


def test_a_search_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time is over nothing more is listened to."""
    monkeypatch.setattr(looking, "_SECONDS", 0.0)
    joining = Joining(tmp_path, scene())

    assert joining.join().outcome is Outcome.NOT_FOUND
    assert not any(what.startswith("look") for what in joining.scene.log)


def test_every_channel_twice(tmp_path: Path) -> None:
    """A beacon can be missed: a network is not there only after a second round."""
    joining = Joining(tmp_path, scene(on_air={}))

    assert joining.join().outcome is Outcome.NOT_FOUND
    looks = sorted(what for what in joining.scene.log if what.startswith("look"))
    assert looks == sorted(f"look {mhz}" for mhz in (2412, 2437, 2462, 5180) for _ in range(2))
