"""All findings from all facts, and how they are told to a person and to a program."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from hotspot.doctor import air, company, house, machine
from hotspot.doctor.finding import Finding, Level, worst

if TYPE_CHECKING:
    from hotspot.doctor.facts import Facts

_MARKS: Final = {Level.FINE: "ok", Level.NOTE: "--", Level.WARNING: "!", Level.PROBLEM: "!!"}
_VERDICTS: Final = {
    Level.FINE: "All is well.",
    Level.NOTE: "All is well.",
    Level.WARNING: "It works; what is marked ! may matter one day.",
    Level.PROBLEM: "It cannot work like this: see what is marked !!.",
}
_THEME: Final = 12
_INDENT: Final = 4 + _THEME


def findings(facts: Facts) -> tuple[Finding, ...]:
    """What can be said about these facts: the house, the air, the company, the machine."""
    rooms = (house, air, company, machine)
    return tuple(one for room in rooms for one in room.findings(facts))


def status(found: tuple[Finding, ...]) -> int:
    """The exit status: 1 where something keeps it from working, else 0."""
    return int(worst(found) is Level.PROBLEM)


def lines(found: tuple[Finding, ...], width: int) -> Iterator[str]:
    """One finding a paragraph, no wider than `width` columns where words allow."""
    before = ""
    for one in found:
        theme = one.theme if one.theme != before else ""
        before = one.theme
        head = f"{_MARKS[one.level]:>2}  {theme:{_THEME}}"
        yield from _wrapped(head, one.says, width)
        if one.remedy:
            yield from _wrapped(" " * _INDENT, f"→ {one.remedy}", width, hanging=2)
        if one.fix:
            yield from _wrapped(" " * _INDENT, f"→ --fix can {one.fix}", width, hanging=2)
    yield ""
    yield _VERDICTS[worst(found)]


def _wrapped(head: str, words: str, width: int, hanging: int = 0) -> list[str]:
    return textwrap.wrap(
        words,
        max(width, _INDENT + 24),
        initial_indent=head,
        subsequent_indent=" " * (_INDENT + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def document(found: tuple[Finding, ...]) -> dict[str, Any]:
    """The same for a program."""
    return {"verdict": str(worst(found)), "findings": [_entry(one) for one in found]}


def _entry(one: Finding) -> dict[str, Any]:
    fix = (
        {"does": str(one.fix), "kind": type(one.fix).__name__, **asdict(one.fix)}
        if one.fix
        else None
    )
    return {
        "theme": one.theme,
        "level": str(one.level),
        "says": one.says,
        "remedy": one.remedy or None,
        "fix": fix,
    }
