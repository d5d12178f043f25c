"""What the wall's page asks for once every second or two, as small as it can be.

    {"n": change, "f": 1 where it is all there is, "j": job, "t": how many there are in all,
     "h": [done, working, for a person, to go, bytes/s, slots, busy, oldest wait in s],
     "r": {a column's letter: its cells, …}}

Columns, because what 200 rows have in common is said once. Each is a list, one cell a row, or
an object of those that are not as usual, by the row's number, or left out; `COLUMNS` has what is
usual. States and reasons are places in their lists (a reason from 1 on), `s` is seconds in this
state, `m` the last four digits of the MAC, `d` the signal as dB below 1 mW, `c` the name where it
is not the id. An id or a name begins with the number of characters it shares with the one before
it in its column, as a digit of base 36: lamp-01, lamp-02 are "0lamp-01", "62". Some 30
bytes a row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from portal.bench.port import Head, Row
from portal.bench.wall import groups
from portal.bench.wall.groups import Group

Cell = str | int

_TAIL: Final = 5
# The page has the beginning, the device's own page all of it.
NOTE: Final = 40
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST: Final = len(_DIGITS) - 1
# JavaScript counts a character beyond these as two.
_PLAIN: Final = "\uffff"

# What a cell of each column usually is: the ids have nothing usual, and so are always there.
COLUMNS: Final[dict[str, Cell | None]] = {
    "i": None, "g": 0, "p": 0, "a": 1, "s": 0, "m": "", "y": 0, "d": 0, "o": "", "c": "",
}  # fmt: skip


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
        "r": columns(rows),
    }
    if full:
        shown["f"] = 1
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def columns(rows: Iterable[Row]) -> dict[str, object]:
    """The rows by column; none at all where there is none."""
    cells = list(zip(*map(_cells, rows), strict=True))
    if not cells:
        return {}
    cells[0], cells[-1] = tuple(_shared(cells[0])), tuple(_shared(cells[-1]))
    found = (
        (name, _column(each, COLUMNS[name])) for name, each in zip(COLUMNS, cells, strict=True)
    )
    return {name: column for name, column in found if column}


def _cells(row: Row) -> tuple[Cell, ...]:
    return (
        row.id,
        _STATES[row.state],
        0 if groups.of(row.state) is Group.DONE else groups.percent(row),
        row.attempt,
        round(row.since),
        row.mac[-_TAIL:].replace(":", ""),
        _REASONS[row.reason] if row.reason else 0,
        -(row.signal or 0),
        row.note[:NOTE],
        "" if row.name == row.id else row.name,
    )


def _shared(texts: Sequence[Cell]) -> Iterator[str]:
    """Each text as what it shares with the one before it, and the rest; "" for none."""
    before = ""
    for each in map(str, texts):
        number = 0
        for one, other in zip(each, before[:_MOST], strict=False):
            if one != other or one > _PLAIN:
                break
            number += 1
        yield each and _DIGITS[number] + each[number:]
        before = each


def _column(cells: Sequence[Cell], usual: Cell | None) -> object:
    """A column in the shorter one of its forms."""
    odd = {str(n): cell for n, cell in enumerate(cells) if cell != usual}
    # An entry of an object takes as much as three to five of a list.
    return list(cells) if 3 * len(odd) > len(cells) else odd


_STATES: Final = {state: place for place, state in enumerate(groups.STATES)}
_REASONS: Final = {reason: place for place, reason in enumerate(groups.REASONS, 1)}
