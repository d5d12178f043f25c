"""Records as a spreadsheet reads them: CSV (RFC 4180), one row a record, one column a field.

Law: from the rows the documents can be made again, exactly; and no cell is a formula. A text
that begins like one, or with an apostrophe, or that is empty, gets an apostrophe in front; a
cell with nothing at all is something the record does not have, or a secret that is left out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

# What spreadsheets take for the beginning of a formula, also after they have trimmed it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
# What is not a field has a column of its own name; a field's is this and its name.
FIELD: Final = "field "
_FIRST: Final = ("v", "id", "created", "network")


class _Echo:
    """What csv writes to: hands the row's text back."""

    def write(self, text: str) -> str:
        return text


def rows(documents: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """The lines of a table of records' documents, a header first."""
    flat = list(map(_flat, documents))
    names = dict.fromkeys(name for cells in flat for name in cells if name not in _FIRST)
    columns = [*_FIRST, *sorted(names, key=lambda name: name.startswith(FIELD))]
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    for cells in (dict(zip(columns, map(_guarded, columns), strict=True)), *flat):
        yield str(writer.writerow([cells.get(name, "") for name in columns])).encode()


def _flat(document: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a document by column. `network` is the SSID for people, its bytes are exact."""
    fields = {f"{FIELD}{name}": value for name, value in document["fields"].items()}
    ssid = bytes.fromhex(document["ssid"]).decode("utf-8", "replace")
    others = {name: value for name, value in document.items() if name != "fields"}
    return {
        name: _cell(value)
        for name, value in {**others, "network": ssid, **fields}.items()
        if value is not None
    }


def _cell(value: object) -> str:
    return _guarded(value) if isinstance(value, str) else json.dumps(value)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) or not text else text
