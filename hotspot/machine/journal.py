"""What must be put back, on file before it is changed: RUNTIME/undo.json.

Each step is on file before it is executed, so whatever ends `prepare`, `restore` finds a list
that is complete, or one step longer than what was done; every step may be undone without
having been done. No fsync: the runtime directory is a tmpfs, and so is all we change.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final

from hotspot import files
from hotspot.errors import Refused
from hotspot.machine.steps import NAMED, Address, State, Step, Unmanage

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "undo.json"


@dataclass(frozen=True, slots=True)
class Journal:
    """The state `before` the first change, and every step `done` since."""

    before: State
    done: tuple[Step, ...] = ()

    @property
    def told(self) -> frozenset[str]:
        """Who was told to leave the interface alone."""
        return frozenset(step.by for step in self.done if isinstance(step, Unmanage))

    def with_step(self, step: Step) -> Journal:
        """The journal with one more step; one already there need not be said twice."""
        return self if step in self.done else Journal(self.before, (*self.done, step))


def read(runtime: Path) -> Journal | None:
    """The journal of this run; `None` when nothing has been changed. Raises `Refused`."""
    path = runtime / FILE
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    try:
        return decode(text)
    except (ValueError, KeyError, TypeError) as error:
        remedy = "restart the machine: nothing that we change outlives that"
        raise Refused(f"{path} is damaged", remedy) from error


def write(runtime: Path, journal: Journal) -> None:
    """Put the journal on file."""
    files.replace(runtime / FILE, encode(journal).encode("ascii"), mode=0o600)


def remove(runtime: Path) -> None:
    """Nothing is left to put back."""
    (runtime / FILE).unlink(missing_ok=True)


def encode(journal: Journal) -> str:
    """The journal as JSON."""
    before = journal.before
    state = {
        "interface": before.interface,
        "type": before.type,
        "up": before.up,
        "addresses": sorted(astuple(address) for address in before.addresses),
        "routes": before.routes,
        "sysctls": dict(before.sysctls),
        "country": before.country,
        "table": before.table,
        "held_by": sorted(before.held_by),
    }
    done = [[type(step).__name__, *astuple(step)] for step in journal.done]  # type: ignore[call-overload] # each is a dataclass
    return json.dumps({"before": state, "done": done}, indent=1)


def decode(text: str) -> Journal:
    """The journal in a JSON text. Raises `ValueError`, `KeyError` or `TypeError`."""
    document: dict[str, Any] = json.loads(text)
    state = document["before"]
    before = State(
        **{
            **state,
            "addresses": frozenset(Address(*address) for address in state["addresses"]),
            "routes": tuple(state["routes"]),
            "held_by": frozenset(state["held_by"]),
        }
    )
    return Journal(before, tuple(NAMED[name](*words) for name, *words in document["done"]))
