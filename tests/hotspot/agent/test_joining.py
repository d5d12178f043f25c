"""One join at a time, told to all, kept on file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotspot.agent.joining import FILE, Busy, Joining, Unknown, lose
from hotspot.agent.port import CannotNow
from tests.hotspot.agent.fakes import DEADLINE, HOME, FakeRadio


def outcomes(joining: Joining, key: str) -> list[str]:
    """What was told of a join, in short."""
    return [str(event.get("outcome", event.get("step"))) for event in told(joining, key)]


def told(joining: Joining, key: str) -> list[dict[str, object]]:
    """All that was told of a join, once it has ended."""
    story = joining.follow(key)
    assert story.wait(DEADLINE)
    return [dict(event) for event in story.events()]


def test_a_join_is_told_to_its_end(tmp_path: Path) -> None:
    """Steps, then the outcome; whoever asks later hears all of it again."""
    radio = FakeRadio(tmp_path)
    joining = Joining(radio.join, tmp_path)
    assert joining.last() is None
    story = joining.begin("one", HOME)
    events = list(story.events())
    assert [event["event"] for event in events] == ["step", "step", "outcome"]
    assert events == told(joining, "one")
    last = joining.last()
    assert last
    assert (last["key"], last["outcome"], last["address"]) == ("one", "connected", "192.0.2.7/24")
    assert radio.joined == [("one", HOME)]


def test_one_at_a_time(tmp_path: Path) -> None:
    """While one is under way there is no other; then there is."""
    radio = FakeRadio(tmp_path)
    radio.gate.clear()
    joining = Joining(radio.join, tmp_path)
    joining.begin("one", HOME)
    assert joining.under_way
    assert joining.last() == {"key": "one", "outcome": None}
    with pytest.raises(Busy):
        joining.begin("two", HOME)
    radio.gate.set()
    assert outcomes(joining, "one")[-1] == "connected"
    joining.begin("two", HOME)
    assert outcomes(joining, "two")[-1] == "connected"
    with pytest.raises(Unknown):
        joining.follow("one")


def test_cancelling(tmp_path: Path) -> None:
    """By its key; another key is not known, and what has ended stays as it is."""
    radio = FakeRadio(tmp_path)
    radio.gate.clear()
    joining = Joining(radio.join, tmp_path)
    joining.begin("one", HOME)
    with pytest.raises(Unknown):
        joining.cancel("two")
    joining.cancel("one")
    assert outcomes(joining, "one")[-1] == "cancelled"
    joining.cancel("one")
    assert outcomes(joining, "one")[-1] == "cancelled"


def test_the_end_of_the_agent_cancels(tmp_path: Path) -> None:
    """It waits until what was begun has been cleaned up."""
    radio = FakeRadio(tmp_path)
    radio.gate.clear()
    joining = Joining(radio.join, tmp_path)
    joining.begin("one", HOME)
    joining.end()
    assert not joining.under_way
    assert outcomes(joining, "one")[-1] == "cancelled"


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        (CannotNow("there is no access point now"), "there is no access point now"),
        (KeyError("correct horse"), "a fault of ours; the log says more"),
    ],
)
def test_a_join_that_fails_by_us(
    tmp_path: Path, reason: Exception, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """It has an outcome too, at the step it had reached; no secret gets into the log."""
    radio = FakeRadio(tmp_path)
    radio.refusal = reason
    joining = Joining(radio.join, tmp_path)
    joining.begin("one", HOME)
    last = told(joining, "one")[-1]
    assert (last["outcome"], last["step"], last["what"]) == ("failed", "authenticated", what)
    assert "horse" not in capfd.readouterr().err


def test_the_next_agent_knows(tmp_path: Path) -> None:
    """What was told is on file, without a secret, and told again by the process that follows."""
    joining = Joining(FakeRadio(tmp_path).join, tmp_path)
    joining.begin("one", HOME)
    events = told(joining, "one")
    assert "horse" not in (tmp_path / FILE).read_text()
    after = Joining(FakeRadio(tmp_path).join, tmp_path)
    assert told(after, "one") == events
    assert not after.under_way
    assert not after.cut_off


def test_a_killed_agent_s_join_has_failed(tmp_path: Path) -> None:
    """The file of a join without an end is one that was cut off, at the step it had reached."""
    events = [{"event": "step", "step": "lease", "state": "begun"}]
    (tmp_path / FILE).write_text(json.dumps({"key": "one", "events": events}))
    joining = Joining(FakeRadio(tmp_path).join, tmp_path)
    assert joining.cut_off
    last = joining.last()
    assert last
    assert (last["key"], last["outcome"], last["step"]) == ("one", "failed", "lease")
    joining.begin("one", HOME)
    assert outcomes(joining, "one")[-1] == "connected"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"key": "a", "events": [{}]}', '{"key": 1, "events": []}', "\0"]
)
def test_a_damaged_file(tmp_path: Path, text: str) -> None:
    """Whatever stands there, nothing is known and everything goes on."""
    (tmp_path / FILE).write_text(text)
    joining = Joining(FakeRadio(tmp_path).join, tmp_path)
    assert joining.last() is None
    joining.begin("one", HOME)
    assert outcomes(joining, "one")[-1] == "connected"


def test_a_network_that_was_not_there_when_it_counted(tmp_path: Path) -> None:
    """Found out by another process: this agent, and the next one, say that it was lost."""
    joining = Joining(FakeRadio(tmp_path).join, tmp_path)
    joining.begin("one", HOME)
    assert outcomes(joining, "one")[-1] == "connected"
    lose(tmp_path)
    assert outcomes(joining, "one")[-1] == "lost"
    last = joining.last()
    assert last
    assert last["outcome"] == "lost"
    lose(tmp_path)
    assert outcomes(Joining(FakeRadio(tmp_path).join, tmp_path), "one")[-1] == "lost"
    joining.begin("two", HOME)
    assert outcomes(joining, "two")[-1] == "connected"


def test_nothing_is_lost_that_was_not_kept(tmp_path: Path) -> None:
    """Without a join, or after one that failed, there is nothing to say."""
    lose(tmp_path)
    assert not (tmp_path / FILE).exists()
    radio = FakeRadio(tmp_path)
    radio.refusal = CannotNow("no")
    joining = Joining(radio.join, tmp_path)
    joining.begin("one", HOME)
    assert outcomes(joining, "one")[-1] == "failed"
    lose(tmp_path)
    assert outcomes(joining, "one")[-1] == "failed"


def test_a_full_disk_is_no_reason(tmp_path: Path) -> None:
    """Without a file to write, the join goes on; only the memory of it ends with the process."""
    joining = Joining(FakeRadio(tmp_path).join, tmp_path / "not" / "there")
    joining.begin("one", HOME)
    assert outcomes(joining, "one")[-1] == "connected"
