"""The agent under a real `vestibule run --demo`: called, killed, and called again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspot.agent import asking
from hotspot.errors import Refused
from tests.hotspot import demos
from tests.hotspot.demos import Demo

HOME = {"ssid": b"Home Sweet Home 5G".hex(), "passphrase": "correct horse"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all of these tests."""
    with demos.running(tmp_path_factory.mktemp("demo")) as running:
        yield running


def desk(demo: Demo) -> Path:
    """The agent's socket."""
    return demo.state / "run" / asking.SOCKET


def agents(demo: Demo) -> list[int]:
    """The agent's process, if there is one now."""
    return [pid for pid, words in demo.processes().items() if "-m hotspot.agent " in words]


def test_it_is_there_when_somebody_asks(demo: Demo) -> None:
    """Nobody has asked, and it does not run; asked, it answers."""
    assert asking.answer(desk(demo), {"verb": "status"})["state"] == "serving"
    assert len(agents(demo)) == 1


def test_a_join_in_its_own_time(demo: Demo) -> None:
    """Every step as it happens, the move of the access point among them, and the outcome."""
    events = list(asking.ask(desk(demo), {"verb": "join", "key": "k", "network": HOME}))
    assert {"event": "moving", "how": "announce", "channel": 36} in events
    assert events[-1]["outcome"] == "connected"
    assert events == list(asking.ask(desk(demo), {"verb": "follow", "key": "k"}))


def test_killed_and_called_again(demo: Demo) -> None:
    """Its asker hears that it has gone; the next one answers, and knows what was cut off."""
    events = asking.ask(desk(demo), {"verb": "join", "key": "cut", "network": HOME})
    next(events)
    (pid,) = agents(demo)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Refused, match="the radio agent "):
        list(events)
    demos.wait_for_end(pid)
    told = list(asking.ask(desk(demo), {"verb": "follow", "key": "cut"}))
    assert told[-1]["outcome"] == "failed"
    assert "radio was ended by signal 9 (Killed), starts again" in demo.stderr.read_text()


def test_it_goes_with_the_run(demo: Demo) -> None:
    """Also from the middle of a join: cancelled, and no process is left."""
    events = asking.ask(desk(demo), {"verb": "join", "key": "last", "network": HOME})
    next(events)
    below = demo.processes()
    demo.process.terminate()
    assert list(events)[-1]["outcome"] == "cancelled"
    assert demo.process.wait(demos.DEADLINE) == 0
    for pid in below:
        demos.wait_for_end(pid)
