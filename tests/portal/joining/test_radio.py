"""The radio agent's socket: one request, reports until the end, and every way to be silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.joining import radio
from portal.joining.radio import Absent, Radio, Silent
from portal.joining.reports import LONGEST, Refused, Status, Went
from tests.portal.agent import DEADLINE, FakeAgent, demo_agent, fake_agent, went


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the socket is."""
    return tmp_path / radio.SOCKET


@pytest.fixture
def agent(path: Path) -> Iterator[FakeAgent]:
    """Somebody there."""
    with fake_agent(path) as agent:
        yield agent


def test_a_conversation(path: Path, agent: FakeAgent) -> None:
    """The request as one line; the reports in their order, and no others."""
    with Radio(path).ask({"verb": "follow", "key": "a"}) as talk:
        call = agent.next("follow")
        assert call.request == {"verb": "follow", "key": "a"}
        call.ends(*went("found", "done"), {"event": "something new"}, *went("lease"))

        assert list(talk) == [Went("found", "begun"), Went("found", "done"), Went("lease", "begun")]


def test_nobody_is_there(path: Path) -> None:
    """No socket, or nobody behind it: nothing was asked."""
    with pytest.raises(Absent, match="radio does not answer"):
        Radio(path).ask({"verb": "status"})
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    with pytest.raises(Absent):
        Radio(path).ask({"verb": "status"})


@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\n",
        b'{"event":"step"}\n',
        b"x" * (LONGEST + 9) + b"\n",
        b'{"event":"step","step":"found","state":"begun"}',
    ],
)
def test_what_cannot_be_read(path: Path, agent: FakeAgent, said: bytes) -> None:
    """Nonsense, a line without end, half a line: silent, in bounded memory."""
    with Radio(path).ask({"verb": "follow", "key": "a"}) as talk:
        agent.next("follow").ends(said)
        with pytest.raises(Silent):
            list(talk)


def test_a_radio_that_hangs(path: Path, agent: FakeAgent) -> None:
    """No longer than it was given."""
    with Radio(path).ask({"verb": "follow", "key": "a"}, 0.05) as talk:
        agent.next("follow")
        with pytest.raises(Silent, match="stopped answering"):
            list(talk)


def test_closed_from_another_thread(path: Path, agent: FakeAgent) -> None:
    """Whoever waits for a report finds the end at once; the agent sees that we have gone."""
    with Radio(path).ask({"verb": "follow", "key": "a"}, DEADLINE) as talk:
        agent.next("follow").say(*went("found"))
        reports = iter(talk)
        assert next(reports) == Went("found", "begun")
        threading.Timer(0.05, talk.close).start()
        assert list(reports) == []
        talk.close()


def test_the_real_agent(tmp_path: Path, path: Path) -> None:
    """It says how it is, and refuses what it does not know, in words that are read here."""
    with demo_agent(tmp_path):
        with Radio(path).ask({"verb": "status"}) as talk:
            assert list(talk) == [Status(None, None, None)]
        with Radio(path).ask({"verb": "follow", "key": "nobody"}) as talk:
            assert list(talk) == [Refused("unknown", "key")]
        with Radio(path).ask({"verb": "dance"}) as talk:
            (refused,) = list(talk)
            assert isinstance(refused, Refused)
            assert refused.field == "verb"
