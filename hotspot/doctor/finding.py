"""What the doctor finds: one sentence each, how bad it is, and what helps.

A `Fix` is a remedy that is safe to be carried out by a program: it takes nothing away from
anybody, and the next start would do the same or need it. Stopping somebody's service is none.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class Level(enum.StrEnum):
    """How bad it is: `PROBLEM` keeps the access point from working, `WARNING` may one day."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy that a program may carry out; says in words what it does."""


@dataclass(frozen=True, slots=True)
class Unblock(Fix):
    """Let an interface's radio send again, as `rfkill unblock` does."""

    interface: str

    def __str__(self) -> str:
        return f"switch the radio of {self.interface} on (rfkill)"


@dataclass(frozen=True, slots=True)
class SetCountry(Fix):
    """Have the radios follow the country of the settings, until the next restart."""

    country: str

    def __str__(self) -> str:
        return f"have the radios follow the rules of {self.country}, until the next restart"


@dataclass(frozen=True, slots=True)
class StayAwake(Fix):
    """Switch an interface's power saving off, until it is made anew."""

    interface: str

    def __str__(self) -> str:
        return f"switch the power saving of {self.interface} off, until the next restart"


@dataclass(frozen=True, slots=True)
class MakeFolder(Fix):
    """Make a directory, for its owner alone where `mode` says so."""

    path: str
    mode: int

    def __str__(self) -> str:
        return f"make the directory {self.path} (mode {self.mode:04o})"


@dataclass(frozen=True, slots=True)
class Close(Fix):
    """Take what others may do with a file or directory away."""

    path: str
    mode: int

    def __str__(self) -> str:
        return f"close {self.path} to others (mode {self.mode:04o})"


@dataclass(frozen=True, slots=True)
class PutBack(Fix):
    """Put back what a run that was cut short has changed on this machine."""

    runtime: str

    def __str__(self) -> str:
        return "put back what a run that was cut short has changed on this machine"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: its `theme`, in words, with the remedy in words ("" where all is well)."""

    theme: str
    level: Level
    says: str
    remedy: str = ""
    fix: Fix | None = None


_WORST: Final = (Level.FINE, Level.NOTE, Level.WARNING, Level.PROBLEM)


def worst(findings: tuple[Finding, ...]) -> Level:
    """The worst level among them."""
    return max((one.level for one in findings), key=_WORST.index, default=Level.FINE)


def fine(theme: str, says: str) -> Finding:
    """All is well."""
    return Finding(theme, Level.FINE, says)


def note(theme: str, says: str, remedy: str = "") -> Finding:
    """Good to know; nothing has to be done."""
    return Finding(theme, Level.NOTE, says, remedy)


def warning(theme: str, says: str, remedy: str, fix: Fix | None = None) -> Finding:
    """It works, but perhaps not tomorrow."""
    return Finding(theme, Level.WARNING, says, remedy, fix)


def problem(theme: str, says: str, remedy: str, fix: Fix | None = None) -> Finding:
    """It does not work like this."""
    return Finding(theme, Level.PROBLEM, says, remedy, fix)
