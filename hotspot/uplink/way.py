"""The way of an attempt: which step it is at, and telling so."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from hotspot.uplink.outcome import Step, Went

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotspot.uplink.outcome import Event


class Way:
    """The steps as they are told."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self.tell = tell
        self.step = Step.FOUND

    @contextlib.contextmanager
    def at(self, step: Step) -> Iterator[None]:
        """The step begins with the block and is done at its end, unless an outcome ends it."""
        self.step = step
        self.tell(Went(step, "begun"))
        yield
        self.tell(Went(step, "done"))

    def skip(self, step: Step) -> None:
        """The step has nothing to do here."""
        self.step = step
        self.tell(Went(step, "skipped"))
