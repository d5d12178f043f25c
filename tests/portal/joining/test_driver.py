"""The driver of joins, over a real store and a real socket: one at a time, and nothing untrue."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from portal.joining.progress import Progress, view
from portal.provisioning.join import Phase, Turn
from portal.provisioning.life import State
from tests.portal.agent import ADDRESS, FakeAgent, connected, demo_agent, ended, failing, went
from tests.portal.joining import driving
from tests.portal.joining.driving import Device, until
from tests.portal.provisioning.fakes import PASSPHRASE, a_record

quick = driving.quick
device = driving.device
agent = driving.agent


def test_connected(device: Device, agent: FakeAgent) -> None:
    """Asked for with the record's key, followed step by step, kept, and its deliveries let go."""
    id_ = device.submit()
    call = agent.next("join")
    assert call.request == {
        "verb": "join",
        "key": id_,
        "network": {"ssid": b"home".hex(), "hidden": False, "passphrase": str(PASSPHRASE)},
    }
    call.say(*went("found", "done"), {"event": "moving", "how": "announce", "channel": 11})
    call.say(*went("authenticated"))
    until(lambda: "authenticated" in (device.joining.progress(id_) or Progress()).steps)
    seen = view(device.life(id_), device.joining.progress(id_))
    assert seen is not None
    assert (seen.state, seen.next, seen.final) == ("trying", "wait", False)
    assert [each.state for each in seen.steps[:3]] == ["done", "begun", "todo"]
    assert seen.moving is not None
    assert seen.moving.channel == 11
    assert device.life(id_).state is State.HELD

    call.ends(*connected(id_)[2:])
    life = device.becomes(id_, Phase.CONNECTED)
    assert life.state is State.ACCEPTED
    assert life.join is not None
    assert life.join.detail["address"] == ADDRESS
    until(lambda: not device.joining.busy)
    assert device.settled == [id_]
    assert device.told[-1] == id_


@pytest.mark.parametrize(
    ("outcome", "at", "again"),
    [
        ("wrong_password", "authenticated", False),
        ("not_found", "found", True),
        ("no_address", "lease", True),
        ("upstream_portal", "internet", True),
        ("needs_username", "found", False),
        ("lost", "stable", True),
        ("failed", "kept", True),
    ],
)
def test_failed(device: Device, agent: FakeAgent, outcome: str, at: str, *, again: bool) -> None:
    """Kept as an attempt with its reason and step, and nothing of it is delivered."""
    id_ = device.submit()
    agent.next("join").ends(*failing(id_, outcome, at))
    life = device.becomes(id_, Phase.FAILED)
    seen = view(life)

    assert seen is not None
    assert (seen.outcome, seen.step, seen.again, seen.final) == (outcome, at, again, True)
    assert {each.state for each in seen.steps if each.step == at} == {"failed"}
    assert life.state is State.HELD
    assert device.store.due(["keep"]) is None


def test_one_at_a_time(device: Device, agent: FakeAgent) -> None:
    """Who comes second waits in line and is told how long it is; then has the radio alone."""
    first, second, third = (device.submit() for _ in range(3))
    call = agent.next("join")
    assert call.key == first
    assert [device.joining.ahead(id_) for id_ in (first, second, third)] == [0, 1, 2]
    assert device.phase(second) is Phase.WAITING
    assert agent.quiet()

    call.ends(*failing(first, "not_found", "found"))
    call = agent.next("join")
    assert call.key == second
    assert device.joining.ahead(third) == 1
    call.ends(*connected(second))
    agent.next("join").ends(*connected(third))
    device.becomes(third, Phase.CONNECTED)


def test_a_radio_that_is_busy(device: Device, agent: FakeAgent) -> None:
    """Somebody else's join: ours waits in line, and that was no attempt."""
    id_ = device.submit()
    agent.next("join").ends({"event": "refused", "what": "busy", "field": ""})
    agent.next("join").ends(*connected(id_))
    life = device.becomes(id_, Phase.CONNECTED)

    assert life.join is not None
    assert life.join.attempts == 1
    assert [told.turn for told in device.store.turns(id_)] == [
        Turn.ASKED, Turn.BEGUN, Turn.PUT_OFF, Turn.BEGUN, Turn.CONNECTED,
    ]  # fmt: skip


def test_a_radio_that_refuses(device: Device, agent: FakeAgent) -> None:
    """Our own fault, in the agent's words."""
    id_ = device.submit()
    refused = {"event": "refused", "what": "not for this radio", "field": "network.security"}
    agent.next("join").ends(refused)
    life = device.becomes(id_, Phase.FAILED)

    assert life.join is not None
    assert (life.join.outcome, life.join.detail) == (
        "failed",
        {"what": "network.security not for this radio"},
    )


def test_no_radio(device: Device, agent: FakeAgent) -> None:
    """Nobody at the socket: said at once, and the same answers may be tried again."""
    agent.close()
    id_ = device.submit()
    life = device.becomes(id_, Phase.FAILED)
    seen = view(life)

    assert seen is not None
    assert (seen.outcome, seen.again) == ("failed", True)
    assert seen.detail == {"what": "this device's radio does not answer"}


def test_cancelled(device: Device, agent: FakeAgent) -> None:
    """Taken back while it waits at once; while it is tried by the agent, whose end is heard."""
    first, second = device.submit(), device.submit()
    call = agent.next("join")
    device.joining.cancel(second)
    life = device.life(second)
    assert life.join is not None
    assert (life.join.state, life.join.outcome) == (Phase.FAILED, "cancelled")

    device.joining.cancel(first)
    cancel = agent.next("cancel")
    assert cancel.key == first
    cancel.ends({"event": "cancelled"})
    call.ends(ended(first, "cancelled", "found"))
    device.becomes(first, Phase.FAILED)


def test_again(device: Device, agent: FakeAgent) -> None:
    """The same answers once more; not for what has connected."""
    id_ = device.submit()
    agent.next("join").ends(*failing(id_, "not_found", "found"))
    device.becomes(id_, Phase.FAILED)
    assert device.joining.again(id_)
    agent.next("join").ends(*connected(id_))
    life = device.becomes(id_, Phase.CONNECTED)

    assert life.join is not None
    assert life.join.attempts == 2
    assert not device.joining.again(id_)


def test_what_the_radio_says_holds_no_secret(device: Device, agent: FakeAgent) -> None:
    """A word of the agent's that quotes the password is kept without it."""
    id_ = device.submit()
    what = f"could not write {PASSPHRASE}"
    agent.next("join").ends(ended(id_, "failed", "kept", what=what, passphrase=PASSPHRASE))
    life = device.becomes(id_, Phase.FAILED)

    assert life.join is not None
    assert life.join.detail == {"what": "could not write (hidden)"}


def test_the_thread_is_there_only_while_there_is_work(device: Device, agent: FakeAgent) -> None:
    """Nobody in line: no thread, no question to the radio."""
    before = threading.active_count()
    device.joining.wake()
    until(lambda: threading.active_count() == before)
    assert agent.asked == []


@pytest.mark.parametrize(
    ("password", "phase", "outcome"),
    [
        ("right password", Phase.CONNECTED, "connected"),
        ("wrong password", Phase.FAILED, "wrong_password"),
        ("lost again", Phase.FAILED, "lost"),
    ],
)
def test_the_real_agent(tmp_path: Path, password: str, phase: Phase, outcome: str) -> None:
    """`python -m hotspot.agent --demo` and the driver understand each other."""
    with demo_agent(tmp_path):
        device = Device(tmp_path)
        record = a_record(ssid=b"Home Sweet Home", passphrase=password)
        device.outbox.accept(record)
        device.joining.wake()
        life = device.becomes(record.id, phase)
        device.joining.stop()
        device.store.close()

    assert life.join is not None
    assert life.join.outcome == outcome
