"""Who is released because the set-up has ended well."""

from __future__ import annotations

import pytest

from portal.provisioning.join import Join, Phase
from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import PENDING, DeliveryLife, Life, State
from portal.release.farewell import MOST, SECONDS, Farewell
from tests.portal.fakes import FakeOutbox, FakeReleases

PHONE = "100.64.64.20"


class Scene:
    """A farewell over fakes, and a clock that only moves when told to."""

    def __init__(self) -> None:
        self.outbox = FakeOutbox()
        self.releases = FakeReleases()
        self.time = 0.0
        self.farewell = Farewell(self.outbox.state, self.releases, lambda: self.time)

    def submitted(self, record: str, address: str = PHONE) -> None:
        """A client's record, accepted."""
        self.outbox.become(record, State.ACCEPTED)
        self.farewell.expect(address, record)

    def looked(self) -> set[str]:
        """Who is released after a look."""
        self.farewell.look()
        return self.releases.released


@pytest.fixture
def scene() -> Scene:
    """An empty one."""
    return Scene()


def test_released_when_delivered(scene: Scene) -> None:
    """Not before, and then no longer waited for."""
    scene.submitted("a")
    for state in PENDING:
        scene.outbox.become("a", state)
        assert scene.looked() == set()
        assert scene.farewell.expects(PHONE, "a")

    scene.outbox.become("a", State.DELIVERED)
    assert scene.looked() == {PHONE}
    assert not scene.farewell.expects(PHONE, "a")
    assert len(scene.farewell) == 0


@pytest.mark.parametrize("state", [State.REJECTED, State.DEAD])
def test_what_ended_badly_releases_nobody(scene: Scene, state: State) -> None:
    """The person is to see the page, and to try again."""
    scene.submitted("a")
    scene.outbox.become("a", state)

    assert scene.looked() == set()
    assert len(scene.farewell) == 0


def test_the_last_submission_counts(scene: Scene) -> None:
    """Who has corrected a mistake waits for the correction."""
    scene.submitted("a")
    scene.submitted("b")
    scene.outbox.become("a", State.DELIVERED)
    assert scene.looked() == set()

    scene.outbox.become("b", State.DELIVERED)
    assert scene.looked() == {PHONE}


def test_the_next_holder_of_an_address_is_not_released(scene: Scene) -> None:
    """Whoever has the address now has not seen the page."""
    scene.releases.macs[PHONE] = "02:00:00:00:01:00"
    scene.submitted("a")
    scene.releases.macs[PHONE] = "02:00:00:00:02:00"
    scene.outbox.become("a", State.DELIVERED)

    assert scene.looked() == set()
    assert len(scene.farewell) == 0


def test_an_hour_is_enough(scene: Scene) -> None:
    """After that nobody stands before the page any more."""
    scene.submitted("a")
    scene.time = SECONDS
    scene.outbox.become("a", State.DELIVERED)

    assert scene.looked() == set()
    assert len(scene.farewell) == 0


def test_a_crowd_does_not_fill_the_memory(scene: Scene) -> None:
    """The oldest makes room; one client alone has one place, however often it submits."""
    for number in range(MOST + 1):
        scene.submitted(f"r{number}", f"100.64.65.{number}")
    for number in range(2 * MOST):
        scene.submitted(f"x{number}", "100.64.65.3")

    assert len(scene.farewell) == MOST
    assert not scene.farewell.expects("100.64.65.0", "r0")
    assert scene.farewell.expects("100.64.65.1", "r1")


def test_a_store_that_cannot_be_read_is_read_again(scene: Scene) -> None:
    """Nothing is forgotten over it."""
    scene.submitted("a")
    scene.outbox.become("a", State.DELIVERED)
    scene.outbox.failure = Unwritable("disk I/O error")
    assert scene.looked() == set()

    scene.outbox.failure = None
    assert scene.looked() == {PHONE}


def test_a_release_that_cannot_be_noted_is_tried_again(scene: Scene) -> None:
    """And it does not keep the others from theirs."""
    scene.submitted("a")
    scene.outbox.become("a", State.DELIVERED)
    scene.releases.failure = OSError(28, "No space left on device")
    assert scene.looked() == set()

    scene.releases.failure = None
    assert scene.looked() == {PHONE}


def test_a_record_that_is_gone_is_not_waited_for(scene: Scene) -> None:
    """The store forgets what was delivered long ago where it needs the room."""
    scene.submitted("a")
    scene.outbox.lives.clear()

    assert scene.looked() == set()
    assert len(scene.farewell) == 0


def joins(scene: Scene, record: str, phase: Phase, state: State = State.HELD) -> None:
    """Let a record's join be in `phase`, its delivery in `state`."""
    delivery = DeliveryLife("keep", state, 0)
    scene.outbox.lives[record] = Life(record, state, (delivery,), Join(phase, 1))


def test_released_when_connected(scene: Scene) -> None:
    """Where the network is joined first, that is the end; the delivery may take its time."""
    scene.submitted("a")
    for phase in (Phase.WAITING, Phase.TRYING):
        joins(scene, "a", phase)
        assert scene.looked() == set()
        assert scene.farewell.expects(PHONE, "a")

    joins(scene, "a", Phase.CONNECTED, State.WAITING)
    assert scene.looked() == {PHONE}
    assert len(scene.farewell) == 0


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.INTERRUPTED])
def test_a_join_that_failed_releases_nobody(scene: Scene, phase: Phase) -> None:
    """The sheet stays, with the form to correct."""
    scene.submitted("a")
    joins(scene, "a", phase)

    assert scene.looked() == set()
    assert len(scene.farewell) == 0
