"""Prometheus' text format, version 0.0.4: families of samples in, text out.

github.com/prometheus/docs, "Exposition formats": a HELP and a TYPE line before the samples of a
family, each sample on a line, label values quoted with backslash, quote and newline escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its name, "counter" or "gauge", what it counts, and a value for each set of
    labels.
    """

    name: str
    kind: str
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]


def single(name: str, kind: str, help: str, value: float) -> Family:  # noqa: A002 - the format's own word
    """A family of one sample without labels."""
    return Family(name, kind, help, (({}, value),))


def by(
    label: str,
    name: str,
    kind: str,
    help: str,  # noqa: A002 - the format's own word
    values: Mapping[str, float],
) -> Family:
    """A family by one label."""
    found = tuple(({label: each}, value) for each, value in sorted(values.items()))
    return Family(name, kind, help, found)


def render(families: Iterable[Family]) -> str:
    """The text of all of them; one without samples is left out."""
    return "".join(line for family in families if family.samples for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    words = family.help.replace("\\", "\\\\").replace("\n", "\\n")
    yield f"# HELP {family.name} {words}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for labels, value in family.samples:
        inside = ",".join(f'{name}="{_escaped(each)}"' for name, each in labels.items())
        yield f"{family.name}{f'{{{inside}}}' if inside else ''} {_number(value)}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        return {True: "+Inf", False: "-Inf"}[value > 0] if math.isinf(value) else "NaN"
    return str(int(value)) if value == int(value) and abs(value) < 1 << 53 else repr(float(value))
