"""The shift report for machines: CSV (RFC 4180) and JSON Lines, one line a device.

Law: no cell is a formula. A text that begins like one, or with an apostrophe, gets an apostrophe
in front; that taken away, the cells are what JSON Lines say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from portal.bench.manifest.exporting import row
from portal.bench.manifest.reading import guarded
from portal.bench.wall.report import Line, Report

COLUMNS: Final = (
    "id", "name", "serial", "mac", "product", "version", "state", "reason", "detail", "attempts",
    "evidence", "begun", "done", "seconds", "people", "note",
)  # fmt: skip


def csv_lines(report: Report) -> Iterator[bytes]:
    """A header, then a line for each device; with a byte order mark, or Excel takes UTF-8 for
    something else.
    """
    yield b"\xef\xbb\xbf" + row(COLUMNS)
    for line in report.lines:
        cells = document(line)
        yield row(guarded(str(cells[name])) for name in COLUMNS)


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
