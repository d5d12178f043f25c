"""A run of prepare on a machine, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspot import settings as house
from hotspot.machine import journal
from hotspot.machine.journal import Journal
from hotspot.machine.prepare import Preparation
from tests.hotspot.fakes import FakeMachine

if TYPE_CHECKING:
    from pathlib import Path


SETTINGS = house.parse('[radio]\ncountry = "DE"\n', file="test")


class Said(list[str]):
    """The lines that were said."""

    def __call__(self, line: str) -> None:
        self.append(line)


def work(machine: FakeMachine, runtime: Path) -> Preparation:
    """A run of prepare on a machine, going on with the journal that is there."""
    found = journal.read(runtime) or Journal(machine.observe())
    return Preparation(machine, runtime, found)
