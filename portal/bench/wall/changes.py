"""What the wall's page asks for once every second or two, as small as it can be.

    {"n": change, "f": 1 where it is all there is, "j": job, "t": how many there are in all,
     "h": [done, working, for a person, to go, bytes/s, slots, busy, oldest wait in s],
     "r": [row, …]}

A row is [id, state, percent, attempt, seconds in this state, end of the MAC, reason, signal in
dBm, note, name], states and reasons as places in their lists (a reason from 1 on), trailing
zeros and empty texts left out; the name only where it is not the id. About 40 bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from portal.bench.port import Head, Row
from portal.bench.wall import groups

_TAIL: Final = 5
# Id and state are always there.
_FEWEST: Final = 2
# The page has the beginning, the device's own page all of it.
NOTE: Final = 40


def document(head: Head, number: int, rows: Iterable[Row], *, full: bool) -> bytes:
    """The document, as UTF-8 without a blank."""
    shown: dict[str, object] = {
        "n": number,
        "j": head.job,
        "t": sum(head.counts.values()),
        "h": [
            *groups.totals(head.counts),
            round(head.rate),
            head.slots,
            head.busy,
            round(head.oldest),
        ],
        "r": [row_of(row) for row in rows],
    }
    if full:
        shown["f"] = 1
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def row_of(row: Row) -> list[str | int]:
    """One device."""
    cells: list[str | int] = [
        row.id,
        _STATES[row.state],
        groups.percent(row),
        row.attempt,
        round(row.since),
        row.mac[-_TAIL:],
        _REASONS[row.reason] if row.reason else 0,
        row.signal or 0,
        row.note[:NOTE],
        "" if row.name == row.id else row.name,
    ]
    while len(cells) > _FEWEST and not cells[-1]:
        cells.pop()
    return cells


_STATES: Final = {state: place for place, state in enumerate(groups.STATES)}
_REASONS: Final = {reason: place for place, reason in enumerate(groups.REASONS, 1)}
