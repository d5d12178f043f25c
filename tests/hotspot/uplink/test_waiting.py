"""Waiting that somebody can end."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from hotspot.uplink.outcome import Outcome
from hotspot.uplink.waiting import Over, Patience

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_what_is_readable(pipe: tuple[int, int]) -> None:
    """What can be read is told at once; the deadline's coming is told by nothing."""
    patience = Patience(threading.Event())
    assert patience.readable([pipe[0]], time.monotonic()) == []

    os.write(pipe[1], b"x")

    assert patience.readable([pipe[0]], time.monotonic() + 60) == [pipe[0]]


def test_cancelled_before() -> None:
    """No wait begins when the end has been asked for."""
    cancelled = threading.Event()
    cancelled.set()

    patience = Patience(cancelled)

    with pytest.raises(Over) as over:
        patience.check()
    assert over.value.outcome is Outcome.CANCELLED
    with pytest.raises(Over):
        patience.pause(60)
    with pytest.raises(Over):
        patience.readable([], time.monotonic() + 60)


def test_cancelled_meanwhile(pipe: tuple[int, int]) -> None:
    """A wait of a minute ends when another thread asks for it."""
    cancelled = threading.Event()
    asking = threading.Timer(0.05, cancelled.set)
    asking.start()

    with pytest.raises(Over):
        Patience(cancelled).readable([pipe[0]], time.monotonic() + 60)

    asking.join()
