"""The shift report for machines: CSV (RFC 4180) and JSON Lines, one line a device.

Law: no cell is a formula. A text that begins like one, or with an apostrophe, gets an apostrophe
in front; that taken away, the cells are what JSON Lines say.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from typing import Final

from portal.bench.wall.report import Line, Report

COLUMNS: Final = (
    "id", "name", "serial", "mac", "product", "version", "state", "reason", "detail", "attempts",
    "evidence", "begun", "done", "seconds", "people", "note",
)  # fmt: skip
# What spreadsheets take for the beginning of a formula, also after they have trimmed it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
# The same signs at full width: = + - @.
_WIDE: Final = ("\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Echo:
    """What csv writes to: hands the row's text back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(report: Report) -> Iterator[bytes]:
    """A header, then a line for each device; with a byte order mark, or Excel takes UTF-8 for
    something else.
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield b"\xef\xbb\xbf" + str(writer.writerow(COLUMNS)).encode()
    for line in report.lines:
        cells = document(line)
        yield str(writer.writerow([guarded(str(cells[name])) for name in COLUMNS])).encode(
            "utf-8", "replace"
        )


def json_lines(report: Report) -> Iterator[bytes]:
    """An object for each device."""
    for line in report.lines:
        yield json.dumps(document(line), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def document(line: Line) -> Mapping[str, object]:
    """One device as a flat document; what it does not have is ""."""
    row = line.row
    return {
        "id": row.id,
        "name": row.name,
        "serial": row.serial,
        "mac": row.mac,
        "product": row.product,
        "version": row.version,
        "state": row.state.value,
        "reason": row.reason.value if row.reason else "",
        "detail": row.detail,
        "attempts": row.attempt,
        "evidence": row.evidence,
        "begun": line.begun,
        "done": line.done,
        "seconds": "" if line.seconds is None else round(line.seconds, 1),
        "people": ", ".join(line.people),
        "note": row.note,
    }


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet calculates."""
    # Spreadsheets trim blanks first, and full-width signs count for them too.
    is_formula = text.lstrip(" \u00a0\u3000").startswith((*_FORMULA, *_WIDE))
    return f"'{text}" if is_formula else text
