"""The agent as the process that a supervisor starts: its socket handed over, its end noticed."""

from __future__ import annotations

import contextlib
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hotspot.agent import asking
from hotspot.errors import Refused
from hotspot.supervisor import children, sockets
from hotspot.supervisor.children import Child
from tests.hotspot.agent.fakes import DEADLINE

ROOT = Path(__file__).parents[3]
SLOWLY = ("--pace", "100")
DEMO_HOME = {"ssid": b"Home Sweet Home".hex(), "passphrase": "correct horse"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[int]:
    """The listening socket that outlives every agent."""
    with sockets.desk(str(tmp_path / asking.SOCKET)) as listener:
        yield listener.fileno()


@contextlib.contextmanager
def agent(folder: Path, desk: int, *words: str) -> Iterator[Child]:
    """A demo agent as a child of ours; killed at the end, if it is still there."""
    argv = [sys.executable, "-m", "hotspot.agent", "--demo", "--state", str(folder)]
    child = children.start("radio", [*argv, "--runtime", str(folder), *words], [desk], 0.0)
    try:
        yield child
    finally:
        child.collect(0.0)


def status(child: Child) -> int:
    """Its exit status, or minus the signal, once it has ended."""
    assert select.select([child.pidfd], [], [], DEADLINE)[0]
    return child.status()


def ask(folder: Path, verb: str, **words: Any) -> Iterator[Any]:
    """The events that answer a request."""
    return asking.ask(folder / asking.SOCKET, {"verb": verb, **words}, DEADLINE)


def test_it_answers_and_goes(tmp_path: Path, desk: int) -> None:
    """Who asks first may come before it; with nothing to do it ends well, and so does the next."""
    for _ in range(2):
        with agent(tmp_path, desk, "--idle", "0.2", "--pace", "0") as child:
            (told,) = ask(tmp_path, "status")
            assert told["state"] == "serving"
            assert status(child) == 0


def test_its_end_cancels_the_join(tmp_path: Path, desk: int) -> None:
    """Asked to end, it ends the join first, and whoever follows it hears so."""
    with agent(tmp_path, desk, *SLOWLY) as child:
        events = ask(tmp_path, "join", key="k", network=DEMO_HOME)
        next(events)
        child.send(signal.SIGTERM)
        assert list(events)[-1]["outcome"] == "cancelled"
        assert status(child) == 0


def test_killed_in_the_middle(tmp_path: Path, desk: int) -> None:
    """The asker hears that it has gone; the next agent knows what was under way, and clears up."""
    with agent(tmp_path, desk, *SLOWLY) as child:
        events = ask(tmp_path, "join", key="k", network=DEMO_HOME)
        next(events)
        child.send(signal.SIGKILL)
        assert status(child) == -signal.SIGKILL
        with pytest.raises(Refused, match="the radio agent "):
            list(events)
    with agent(tmp_path, desk, "--idle", "0.2") as child:
        told = list(ask(tmp_path, "follow", key="k"))
        assert (told[-1]["outcome"], told[-1]["step"]) == ("failed", "found")
        assert status(child) == 0
        assert "clearing up after it" in "".join(child.read(0.0))


def test_what_was_joined_is_remembered(tmp_path: Path, desk: int) -> None:
    """By the agent that comes after: the home network, and how the join went."""
    with agent(tmp_path, desk, "--pace", "0"):
        assert list(ask(tmp_path, "join", key="k", network=DEMO_HOME))[-1]["outcome"] == "connected"
    with agent(tmp_path, desk, "--pace", "0"):
        (told,) = ask(tmp_path, "status")
        assert told["kept"] == {"key": "k", "ssid": DEMO_HOME["ssid"]}
        assert told["join"]["outcome"] == "connected"
        (forgotten,) = ask(tmp_path, "forget")
        assert forgotten["ssid"] == DEMO_HOME["ssid"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--demo"], 1, "no socket was handed over"),
        (["--fly"], 2, "unrecognized arguments"),
    ],
)
def test_a_start_by_hand_is_refused(words: list[str], code: int, said: str) -> None:
    """Without its socket it does nothing, and says who starts it."""
    argv = [sys.executable, "-m", "hotspot.agent", *words]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_cannot_be_read(tmp_path: Path, desk: int) -> None:
    """A real radio needs them: the refusal names the file, as usage or as what stands in it."""
    argv = [sys.executable, "-m", "hotspot.agent", "--runtime", str(tmp_path), "--config"]
    bad = tmp_path / "bad.toml"
    bad.write_text("[radio]\n")
    for file, code in ((tmp_path / "none.toml", 1), (bad, 2)):
        child = children.start("radio", [*argv, str(file)], [desk], 0.0)
        assert status(child) == code
        assert file.name in "".join(child.collect(0.0))


def test_ten_who_ask_at_once(tmp_path: Path, desk: int) -> None:
    """All of them are answered, one after the other or beside each other."""
    with agent(tmp_path, desk, "--pace", "0"):
        asked = [ask(tmp_path, verb) for verb in ("status", "stations", "scan") * 3]
        began = [next(events)["event"] for events in asked]
        assert began == ["status", "stations", "scanning"] * 3
        ends = [list(events) for events in asked[2::3]]
        assert [told[-1]["event"] for told in ends] == ["networks"] * 3
