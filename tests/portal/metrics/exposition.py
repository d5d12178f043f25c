"""A strict reader of Prometheus' text format: it refuses what `promtool` would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (\S+)")


class Wrong(Exception):  # noqa: N818 - what the text is
    """The text is not in the format, or not after the conventions."""


@dataclass
class Read:
    """A family as it was read: its kind, its help, and its values by labels."""

    kind: str
    help: str
    values: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)


def read(text: str) -> dict[str, Read]:
    """The families by name. Raises `Wrong`."""
    found: dict[str, Read] = {}
    helps: dict[str, str] = {}
    if text and not text.endswith("\n"):
        raise Wrong("the last line does not end")
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP "):
            name, _, words = line[7:].partition(" ")
            if name in helps or not words:
                raise Wrong(line)
            helps[name] = _unescaped(words)
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            if name in found or name not in helps or kind not in {"counter", "gauge"}:
                raise Wrong(line)
            if (kind == "counter") != name.endswith("_total"):
                raise Wrong(f"{name} is a {kind}")
            found[name] = Read(kind, helps[name])
        else:
            _sample(line, found)
    return found


def _sample(line: str, found: dict[str, Read]) -> None:
    match = _SAMPLE.fullmatch(line)
    if not match or match[1] not in found or [*found][-1] != match[1]:
        raise Wrong(line)
    labels = tuple((name, _unescaped(value)) for name, value in re.findall(_LABEL, match[2] or ""))
    names = [name for name, _ in labels]
    values = found[match[1]].values
    if labels in values or len(set(names)) < len(names):
        raise Wrong(f"twice: {line}")
    values[labels] = float(match[match.lastindex or 0])


def _unescaped(text: str) -> str:
    table = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
    return re.sub(r'\\[\\"n]', lambda found: table[found[0]], text)
