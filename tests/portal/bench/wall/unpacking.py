"""The rows of the wall's answer, as its script reads them (`unpack` in bench/wall.js)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.bench.wall import groups
from portal.bench.wall.changes import COLUMNS

NAMES = ("id", "state", "percent", "attempt", "since", "mac", "reason", "signal", "note", "called")


def unpacked(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each row by the names of its cells; states and reasons as numbers."""
    ids: Sequence[str] = columns.get("i", [])
    found, before = [], dict.fromkeys("ic", "")
    for number in range(len(ids)):
        cells = {name: _cell(columns, name, number) for name in COLUMNS}
        for name, last in before.items():
            text = cells[name]
            before[name] = cells[name] = text and last[: int(text[0], 36)] + text[1:]
        done = groups.of(groups.STATES[cells["g"]]) is groups.Group.DONE
        cells["p"] = 100 if done else cells["p"]
        cells["m"] = cells["m"] and f"{cells['m'][:2]}:{cells['m'][2:]}"
        cells["d"] = -cells["d"]
        found.append(dict(zip(NAMES, cells.values(), strict=True)))
    return found


def ids(document: Mapping[str, Any]) -> list[str]:
    """Whom an answer is about."""
    return [row["id"] for row in unpacked(document["r"])]


def _cell(columns: Mapping[str, Any], name: str, number: int) -> Any:
    column = columns.get(name, {})
    if isinstance(column, list):
        return column[number]
    return column.get(str(number), COLUMNS[name])
