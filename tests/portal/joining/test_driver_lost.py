"""A join that is lost sight of: an agent that dies, a power cut, a disk in trouble."""

from __future__ import annotations

import threading

import pytest

from portal.joining.progress import Progress
from portal.provisioning.join import Phase, Turn
from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import State
from tests.portal.agent import FakeAgent, connected, failing, went
from tests.portal.joining import driving
from tests.portal.joining.driving import Device, until

quick = driving.quick
device = driving.device
agent = driving.agent


@pytest.mark.parametrize("words", [b"{nonsense\n", b'{"event":"step","step":"x","state":"y"}\n',
                                   b"x" * 70_000, b""])  # fmt: skip
def test_an_agent_that_dies(device: Device, agent: FakeAgent, words: bytes) -> None:
    """In the middle, or with nonsense on its lips: nobody knows, so it is interrupted."""
    id_ = device.submit()
    call = agent.next("join")
    call.ends(*went("found", "done"), *went("authenticated"), words)
    life = device.becomes(id_, Phase.INTERRUPTED)

    assert life.join is not None
    assert (life.join.outcome, life.join.step) == (None, "authenticated")
    assert life.state is State.HELD


def test_an_agent_that_comes_back(device: Device, agent: FakeAgent) -> None:
    """It still has the join: followed from its beginning to its end."""
    id_ = device.submit()
    agent.join = {"key": id_, "outcome": None}
    agent.next("join").ends(*went("found", "done"))
    agent.next("follow").ends(*connected(id_))

    device.becomes(id_, Phase.CONNECTED)


@pytest.mark.parametrize("join", [None, {"outcome": "failed"}])
def test_what_is_kept_counts(device: Device, agent: FakeAgent, join: dict[str, str] | None) -> None:
    """An agent killed behind its last step: what it made permanent carries the record's name."""
    id_ = device.submit()
    agent.join = join and {"key": id_, **join}
    agent.kept = {"key": id_, "ssid": "686f6d65"}
    agent.next("join").ends(*went("kept"))
    life = device.becomes(id_, Phase.CONNECTED)

    assert life.state is State.ACCEPTED


def test_an_agent_that_knows_nothing_of_it(device: Device, agent: FakeAgent) -> None:
    """It says that it has the join and then that it has not."""
    id_ = device.submit()
    agent.join = {"key": id_, "outcome": None}
    agent.next("join").close()
    agent.next("follow").ends({"event": "refused", "what": "unknown", "field": "key"})

    device.becomes(id_, Phase.INTERRUPTED)


def test_a_portal_that_ends(device: Device, agent: FakeAgent) -> None:
    """The radio goes on; the next portal follows the same join to its end."""
    id_ = device.submit()
    call = agent.next("join")
    call.say(*went("found", "done"))
    until(lambda: bool((device.joining.progress(id_) or Progress()).steps))
    device.joining.stop()
    assert device.phase(id_) is Phase.TRYING

    agent.join = {"key": id_, "outcome": None}
    device.begin()
    device.joining.wake()
    agent.next("follow").ends(*connected(id_))
    device.becomes(id_, Phase.CONNECTED)


@pytest.mark.parametrize(("kept", "phase"), [(True, Phase.CONNECTED), (False, Phase.INTERRUPTED)])
def test_a_power_cut(device: Device, agent: FakeAgent, phase: Phase, *, kept: bool) -> None:
    """A new boot, a new agent: what is permanent says which it is."""
    id_ = device.submit()
    agent.next("join").say(*went("found", "done"))
    device.joining.stop()
    agent.kept = {"key": id_, "ssid": "686f6d65"} if kept else None
    device.begin()
    device.joining.wake()

    device.becomes(id_, phase)


def test_late_evidence(device: Device, agent: FakeAgent) -> None:
    """Interrupted because the agent did not come back in time; at the next start it has."""
    id_ = device.submit()
    agent.next("join").say(*went("kept"))
    agent.close()
    device.becomes(id_, Phase.INTERRUPTED)
    device.joining.stop()

    device.agent = FakeAgent(device.path)
    device.agent.kept = {"key": id_, "ssid": "686f6d65"}
    device.begin()
    device.joining.wake()
    device.becomes(id_, Phase.CONNECTED)


def test_who_was_in_line_at_a_power_cut_is_tried(device: Device, agent: FakeAgent) -> None:
    """What was accepted is not lost, though it had not begun."""
    first, second = device.submit(), device.submit()
    agent.next("join").say(*went("found"))
    device.joining.stop()
    device.begin()
    device.joining.wake()

    device.becomes(first, Phase.INTERRUPTED)
    agent.next("join").ends(*connected(second))
    device.becomes(second, Phase.CONNECTED)


def test_a_disk_in_trouble(
    device: Device, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No outcome is told before it is kept, however long that takes."""
    id_ = device.submit()
    call = agent.next("join")
    refusing = threading.Event()
    keep = device.outbox.turn

    def turn(id_: str, turn: Turn, **rest: object) -> bool:
        if not refusing.is_set():
            raise Unwritable("there is no space left on the disk")
        return keep(id_, turn, **rest)  # type: ignore[arg-type] # the store's own

    monkeypatch.setattr(device.outbox, "turn", turn)
    call.ends(*connected(id_))
    until(lambda: any("no space" in line for line in device.log))
    assert device.phase(id_) is Phase.TRYING
    assert device.settled == []

    refusing.set()
    device.becomes(id_, Phase.CONNECTED)
    until(lambda: device.settled == [id_])


def test_the_last_one_is_recalled(device: Device, agent: FakeAgent) -> None:
    """By the next portal: whoever lost the page finds its outcome."""
    id_ = device.submit()
    agent.next("join").ends(*failing(id_, "not_found", "found"))
    device.becomes(id_, Phase.FAILED)
    device.joining.stop()
    device.begin()
    device.joining.wake()

    until(lambda: device.recalled == [id_])
