"""When the screen is drawn anew: when something has happened, and now and then."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspot.standing import watching
from hotspot.standing.watching import Signature


def turns(looks: Iterator[Signature]) -> Iterator[float]:
    """The moments at which it is drawn, on a clock that only sleeping moves."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    for _ in watching.turns(lambda: next(looks), sleep, lambda: now[0]):
        yield now[0]


def test_at_once_at_a_change_and_now_and_then() -> None:
    """A change is seen within a second; without any it is drawn every ten."""
    a, b = (("house", 1, 1),), (("house", 2, 1),)
    # One look before each drawing, then one a second until something is different.
    looks = itertools.chain([a, a, a, b], [b] * 99)
    assert list(itertools.islice(turns(looks), 4)) == [0.0, 2.0, 12.0, 22.0]


def test_what_happened_while_it_was_drawn_is_drawn_next() -> None:
    """Nothing falls between the look and the drawing."""
    a, b = (("house", 1, 1),), (("house", 2, 1),)
    assert list(itertools.islice(turns(itertools.chain([a], [b] * 9)), 2)) == [0.0, 0.0]


@pytest.mark.parametrize(
    "name", ["run/house", "run/join.json", "run/released/100.64.64.2", "state/records.db"]
)
def test_what_tells_of_a_change(tmp_path: Path, name: str) -> None:
    """Each of these files coming, growing and going; directories that are not there are none."""
    run, state = tmp_path / "run", tmp_path / "state"
    seen = [watching.signature(run, state)]
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text("a")
    seen.append(watching.signature(run, state))
    file.write_text("ab")
    seen.append(watching.signature(run, state))
    file.unlink()
    assert watching.signature(run, state) == seen[0]
    assert len(set(seen)) == 3
