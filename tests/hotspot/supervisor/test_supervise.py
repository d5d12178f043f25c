"""The supervisor over tiny real children: up in order, kept up, down in reverse, then restored."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.hotspot.life import living
from tests.hotspot.supervisor.stepping import PREPARE, READY, A, Step

B: Step = ("b", "stays", "stays")


def gone(pid: int) -> bool:
    """Whether no process has this number any more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def is_dead(pid: int) -> bool:
    """Whether a process has ended, though the system's first process may not have collected it."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_up_in_order_and_down_in_reverse(tmp_path: Path) -> None:
    """Steps come up one after the other and go down the last first; restore is the very end."""
    with living(tmp_path, PREPARE, A, B, READY) as life:
        for event in ("a up", "b up", "ready ran"):
            life.journal.until(event)
        assert life.stop() == (0, "vestibule: going down\n")
        seen = life.journal.rest()
    assert seen[0] == "prepare ran"
    assert seen[-3:] == ["b down", "a down", "restore ran"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("stage", ["prepare", "selftest", "ready"])
def test_a_signal_at_any_stage_restores(tmp_path: Path, stage: str, number: int) -> None:
    """In the middle of each step a signal ends it and all that is up, and restores: status 0."""
    steps: list[Step] = [PREPARE, A, ("selftest", "once", "once", "0"), B, READY]
    steps = [(stage, "once", "stays") if step[0] == stage else step for step in steps]
    with living(tmp_path, *steps) as life:
        pids = [life.journal.until(f"{stage} up")]
        pids += [life.journal.until("a up")] if stage != "prepare" else []
        assert life.stop(number)[0] == 0
        seen = life.journal.rest()
    assert f"{stage} down" in seen
    assert seen[-1] == "restore ran"
    assert all(map(gone, pids))


def test_a_second_signal_does_not_skip_restore(tmp_path: Path) -> None:
    """While restore is at work, further signals change nothing."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with living(tmp_path, A, READY, restore=["held", str(gate)]) as life:
        life.journal.until("ready ran")
        life.process.send_signal(signal.SIGINT)
        life.journal.until("restore begun")
        life.process.send_signal(signal.SIGINT)
        life.process.send_signal(signal.SIGTERM)
        gate.write_bytes(b"")
        assert life.end()[0] == 0
        assert life.journal.rest()[-1] == "restore ran"


def test_a_failed_restore_is_told(tmp_path: Path) -> None:
    """When restore fails, so has the run."""
    with living(tmp_path, READY, restore=["once", "3"]) as life:
        life.journal.until("ready ran")
        assert life.stop()[0] == 3


def test_a_child_that_dies_starts_again(tmp_path: Path) -> None:
    """A killed child is named in the log and comes back, ever later; the others stay."""
    with living(tmp_path, A, B) as life:
        first = life.journal.until("a up")
        for times in (1, 2):
            os.kill(life.journal.until("b up", times), signal.SIGKILL)
        life.journal.until("b up", 3)
        assert not gone(first)
        _, written = life.stop()
        seen = life.journal.rest()
    assert [event for event in seen if event.startswith("a ")] == ["a up", "a down"]
    died = "vestibule: b was ended by signal 9 (Killed), starts again in"
    assert written.splitlines()[:2] == [f"{died} 0.1 s", f"{died} 0.2 s"]


def test_what_a_dead_child_left_behind_is_ended(tmp_path: Path) -> None:
    """A child's own children do not outlive it: they would serve beside the next one's."""
    with living(tmp_path, ("a", "stays", "litters")) as life:
        litter = life.journal.until("a littered")
        os.kill(life.journal.until("a up"), signal.SIGKILL)
        life.journal.until("a up", 2)
        life.journal.until("a down")
        assert life.stop()[0] == 0
        assert is_dead(litter)


def test_what_does_not_want_to_leave_is_killed_in_the_end(tmp_path: Path) -> None:
    """Left behind by a dead child and deaf to SIGTERM: gone at the latest when we are."""
    with living(tmp_path, ("a", "stays", "litters", "deaf")) as life:
        litter = life.journal.until("a littered")
        os.kill(life.journal.until("a up"), signal.SIGKILL)
        life.journal.until("a up", 2)
        assert not gone(litter)
        assert life.stop()[0] == 0
        assert is_dead(litter)


def test_a_step_whose_program_is_missing(tmp_path: Path) -> None:
    """What cannot be executed says so, fails with a shell's status, and restore still runs."""
    with living(tmp_path, ("prepare", "once", "missing")) as life:
        said = "no-such-program cannot be started: No such file or directory\n"
        assert life.end() == (127, said)
        assert life.journal.rest() == ["restore ran"]


def test_a_refused_step_ends_the_way_up(tmp_path: Path) -> None:
    """A step that fails passes its status on, says all there is to say, and nothing follows it."""
    with living(tmp_path, A, ("prepare", "once", "once", "7"), B) as life:
        assert life.end() == (7, "")
        seen = life.journal.rest()
    assert seen[-1] == "restore ran"
    assert "b up" not in seen


def test_a_step_that_is_killed_is_named(tmp_path: Path) -> None:
    """A step ended from outside had no words of its own: status 1 and a line for it."""
    with living(tmp_path, ("wait", "once", "stays")) as life:
        os.kill(life.journal.until("wait up"), signal.SIGKILL)
        assert life.end() == (1, "vestibule: wait was ended by signal 9 (Killed)\n")


def test_a_step_without_end_is_stopped(tmp_path: Path) -> None:
    """A step has its time; after it the way up has failed."""
    with living(tmp_path, ("wait", "once", "stays"), patience={"wait": 0.5}) as life:
        status, written = life.end()
    assert (status, written) == (1, "vestibule: wait has not ended after 0.5 s: stopped\n")


def test_a_stubborn_child_is_killed(tmp_path: Path) -> None:
    """A child that ignores SIGTERM is killed when its time is up, and restore still runs."""
    with living(tmp_path, ("a", "stays", "stubborn"), patience={"a": 0.2}) as life:
        pid = life.journal.until("a up")
        status, written = life.stop()
        seen = life.journal.rest()
    assert (status, written) == (0, "vestibule: going down\nvestibule: a does not end: killed\n")
    assert seen[-1] == "restore ran"
    assert gone(pid)


def test_what_a_child_writes_is_named(tmp_path: Path) -> None:
    """Its lines carry its name, whole, and nothing in them moves a terminal's cursor."""
    with living(tmp_path, ("a", "stays", "writes")) as life:
        life.journal.until("a up")
        _, written = life.stop()
    assert sorted(written.splitlines()) == sorted(
        ["a: half a line", "a: \\x1b[31mred", "a: the end", "vestibule: going down"]
    )
