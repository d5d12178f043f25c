"""Sources, timers and signals, all answered in one place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hotspot.supervisor.loop import Loop

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The loop's time, in the test's hand."""
    return Clock()


@pytest.fixture
def loop(clock: Clock) -> Iterator[Loop]:
    """A loop on that time, closed at the end."""
    loop = Loop(clock)
    yield loop
    loop.close()


def test_a_timer_is_answered_once_and_not_early(loop: Loop, clock: Clock) -> None:
    """A timer waits for its time on the loop's own clock, then is forgotten."""
    calls: list[str] = []
    loop.later("a", 5.0, lambda: calls.append("a"))
    loop.turn(until=0.0)
    assert calls == []
    clock.now = 5.0
    loop.turn(until=0.0)
    loop.turn(until=0.0)
    assert calls == ["a"]


def test_a_name_has_one_timer(loop: Loop, clock: Clock) -> None:
    """Setting a timer again moves it; forgetting all of them leaves none."""
    calls: list[str] = []
    loop.later("a", 1.0, lambda: calls.append("first"))
    loop.later("a", 2.0, lambda: calls.append("second"))
    loop.later("b", 3.0, lambda: calls.append("b"))
    clock.now = 2.0
    loop.turn(until=0.0)
    assert calls == ["second"]
    loop.forget_timers()
    clock.now = 9.0
    loop.turn(until=0.0)
    assert calls == ["second"]


def test_a_source_that_another_answer_closed_is_left_alone(loop: Loop) -> None:
    """Two sources are ready; the answer to one closes both: the other is not called."""
    pipes = [os.pipe() for _ in range(2)]
    calls: list[int] = []

    def close_all() -> None:
        calls.append(1)
        for reading, _ in pipes:
            loop.forget(reading)
            os.close(reading)

    for reading, writing in pipes:
        os.write(writing, b".")
        loop.watch(reading, close_all)
    loop.turn(until=0.0)
    assert calls == [1]
    for _, writing in pipes:
        os.close(writing)
