"""Group commit: one commits for all, each learns its own fate, nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from portal.provisioning.keeping.commit import GroupCommit, Unfinished

DEADLINE = 20.0


class Refused(Exception):  # noqa: N818 - a test's own
    pass


class Gated:
    """A commit that waits for `gate` the first time, and notes its batches."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.batches: list[list[int]] = []
        self.dies = False

    def __call__(self, batch: Sequence[int]) -> list[Exception | None]:
        self.batches.append(list(batch))
        self.begun.set()
        assert self.gate.wait(DEADLINE)
        if self.dies:
            self.dies = False
            raise RuntimeError("the commit is broken")
        return [Refused(str(n)) if n < 0 else None for n in batch]


Told = dict[int, Exception | None]


def submitting(
    commits: GroupCommit[int], numbers: Sequence[int]
) -> tuple[list[threading.Thread], Told]:
    """A started thread for each number, and what each was told."""
    told: Told = {}

    def submit(number: int) -> None:
        try:
            commits.submit(number)
        except (Refused, Unfinished, RuntimeError) as error:
            told[number] = error
        else:
            told[number] = None

    threads = [threading.Thread(target=submit, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    return threads, told


def gather(commits: GroupCommit[int], commit: Gated, numbers: Sequence[int]) -> Told:
    """Submit 0, and the numbers while its commit is held; then let go and wait for all."""
    first, told_first = submitting(commits, [0])
    assert commit.begun.wait(DEADLINE)
    rest, told = submitting(commits, numbers)
    end = time.monotonic() + DEADLINE
    while len(commits._waiting) < len(numbers):
        assert time.monotonic() < end
        time.sleep(0.001)
    commit.gate.set()
    for thread in first + rest:
        thread.join(DEADLINE)
        assert not thread.is_alive()
    return {**told_first, **told}


def test_all_who_wait_share_one_commit() -> None:
    """What comes during a commit goes into the next one, together."""
    commit = Gated()
    told = gather(GroupCommit(commit), commit, range(1, 32))

    assert [sorted(batch) for batch in commit.batches] == [[0], list(range(1, 32))]
    assert told == dict.fromkeys(range(32))


def test_each_learns_its_own_fate() -> None:
    """One that is refused does not stop the others of its batch."""
    commit = Gated()
    told = gather(GroupCommit(commit), commit, [5, -1, 6])

    assert isinstance(told[-1], Refused)
    assert told[5] is told[6] is told[0] is None


def test_a_broken_commit_leaves_nobody_waiting() -> None:
    """Its own thread gets the error, and those who came meanwhile go on by themselves."""
    commit = Gated()
    commit.dies = True
    told = gather(GroupCommit(commit), commit, [1, 2, 3])

    assert isinstance(told.pop(0), RuntimeError)
    assert told == dict.fromkeys([1, 2, 3])


def test_followers_of_a_broken_commit_are_told() -> None:
    """Who waited for another's commit that broke learns that it is unfinished."""
    commit = Gated()

    def second_dies(batch: Sequence[int]) -> Sequence[Exception | None]:
        commit.dies = len(batch) > 1
        return commit(batch)

    told = gather(GroupCommit(second_dies), commit, [1, 2, 3])

    assert told.pop(0) is None
    assert sorted(type(error).__name__ for error in told.values()) == [
        "RuntimeError",
        "Unfinished",
        "Unfinished",
    ]


def test_a_batch_is_bounded() -> None:
    """A flood is committed in transactions of bounded length."""
    commit = Gated()
    told = gather(GroupCommit(commit), commit, range(1, 301))

    assert [len(batch) for batch in commit.batches] == [1, 256, 44]
    assert len(told) == 301
