"""A manifest's bytes to rows: CSV with any of three separators, or JSON Lines.

Law: whatever comes, the answer is a table with its problems, or `Unreadable` in words; a cell is
text and stays as it was written, with its leading zeros.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from portal.bench.desk import Flaw
from portal.bench.manifest import columns
from portal.bench.manifest.columns import Unfit

MOST_BYTES: Final = 16 << 20
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 64
MOST_CELL: Final = 4_096
# What a spreadsheet takes for a formula, also after it has trimmed the cell; and the apostrophe,
# which it takes for "this is text", so an export has one before each of them.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What it trims before it looks.
_BLANKS: Final = " \u00a0\u3000"
# What an export has in the place of a secret. Imported, it changes nothing.
MASK: Final = "•" * 8

_SEPARATORS: Final[Mapping[str, str]] = {",": "commas", ";": "semicolons", "\t": "tabs"}
_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
# AWS' names for what we call otherwise (bulk registration of things).
_FOREIGN: Final[Mapping[str, str]] = {"ThingName": "id", "SerialNumber": "serial"}
# Espressif's mfg_gen: the same as in the row above.
_REPEAT: Final = "REPEAT"


class Unreadable(Exception):  # noqa: N818 - named for what the file is
    """Nothing can be made of the file as a whole; the text says why, and what helps."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: the number of its line (the header's is 1) and its cells."""

    number: int
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """What the file says: sound rows, what was found out about it, and what is wrong."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    invalid: int = 0


def read(body: bytes) -> Table:
    """The rows of a manifest. Raises `Unreadable`."""
    text = _text(body)
    if text.lstrip()[:1] in {"{", "["}:
        found, names, notes = _json_lines(text)
    else:
        found, names, notes = _separated(text)
    if len(found) > MOST_ROWS:
        raise Unreadable(f"It has over {MOST_ROWS:,} rows. Make two jobs of it.")
    notes += _told(names)
    return _checked(found, names, notes)


def _text(body: bytes) -> str:
    if len(body) > MOST_BYTES:
        raise Unreadable(f"It is larger than {MOST_BYTES >> 20} MiB: that is no manifest.")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("It is written in UTF-16. Save it as CSV in UTF-8.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise Unreadable(f"Line {line} is not UTF-8. Save it as CSV in UTF-8.") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Unreadable(f"Line {line} has a NUL character: this is no text.")
    return text


# --- separated by something --------------------------------------------------------------------


def _separated(text: str) -> tuple[list[tuple[int, Any]], tuple[str, ...], list[str]]:
    lines = _LINES.findall(text)
    separator = _sniffed(lines[0] if lines else "")
    rows = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = next(rows, [])
        names = tuple(name.strip() for name in header)
        _check_names(names)
        found = list(_cells(rows, names))
    except csv.Error as error:
        raise Unreadable(f"Line {rows.line_num}: {error}. Is a quote left open?") from None
    return found, names, [f"The columns are separated by {_SEPARATORS[separator]}."]


def _sniffed(header: str) -> str:
    """The separator there is most of in the header, outside of quotes."""
    bare = re.sub('"[^"]*"', "", header)
    return max(_SEPARATORS, key=bare.count)


def _cells(
    rows: Iterator[list[str]], names: Sequence[str]
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row by its columns; in the place of one that cannot be read, why."""
    before: dict[str, str] = {}
    last = 1
    for row in rows:
        number, last = last + 1, rows.line_num  # type: ignore[attr-defined]  # csv's reader has it
        if not any(row):
            continue
        if len(row) > len(names) and any(row[len(names) :]):
            yield number, f"it has {len(row)} cells, and there are {len(names)} columns"
            continue
        padded = [*row[: len(names)], *[""] * (len(names) - len(row))]
        cells = {
            name: before.get(name, "") if text == _REPEAT else unguarded(text)
            for name, text in zip(names, padded, strict=True)
        }
        before = cells
        yield number, cells
        if number > MOST_ROWS * 8:
            raise Unreadable(f"It has over {MOST_ROWS:,} rows. Make two jobs of it.")


def guarded(text: str) -> str:
    """A cell as a spreadsheet takes it for text."""
    return f"'{text}" if _is_special(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given. An apostrophe before anything else belongs to the text."""
    return text[1:] if text[:1] == "'" and _is_special(text[1:]) else text


def _is_special(text: str) -> bool:
    """Whether a cell would be taken for something else than its text."""
    return text.lstrip(_BLANKS).startswith(FORMULA) or text == _REPEAT


# --- JSON Lines ----------------------------------------------------------------------------------


def _json_lines(text: str) -> tuple[list[tuple[int, Any]], tuple[str, ...], list[str]]:
    found: list[tuple[int, Any]] = []
    names: dict[str, None] = {}
    for number, line in enumerate(_LINES.findall(text), 1):
        if not line.strip():
            continue
        cells = _object(line)
        if isinstance(cells, dict):
            names |= dict.fromkeys(cells)
        found.append((number, cells))
        if len(names) > MOST_COLUMNS or len(found) > MOST_ROWS:
            break
    _check_names(tuple(names))
    return found, tuple(names), ["It is read as JSON Lines: one device a line."]


def _object(line: str) -> dict[str, str] | str:
    try:
        # Numbers as they are written: 1.50 is not 1.5 on a label.
        values = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(values, dict):
        return 'it is no object such as {"serial": "00123"}'
    cells = {_FOREIGN.get(name, name): _cell(value) for name, value in values.items()}
    wrong = next((name for name, value in cells.items() if value is None), None)
    if wrong is not None:
        return f"{wrong[:40]}: a text, a number or true and false"
    return {name: value for name, value in cells.items() if value is not None}


def _cell(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return value if isinstance(value, str) else None


# --- what may stand there ------------------------------------------------------------------------


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"It has over {MOST_COLUMNS} columns.")
    wrong = next((name for name in names if not columns.is_column(name)), None)
    if wrong is not None:
        raise Unreadable(
            f"The first line is to have the columns' names, and one is called “{wrong[:40]}”: "
            "letters, digits, blanks, - _ and ."
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Unreadable(f"Two columns are called {twice}.")
    if not set(names) & {"id", "serial", "mac"}:
        raise Unreadable("It needs a column id, serial or mac, by which devices are known.")


def _told(names: Sequence[str]) -> list[str]:
    """What is done with columns that are none of the bench's."""
    written = [name for name in names if name in columns.WRITTEN]
    values = [name for name in names if name not in (*columns.RESERVED, *columns.WRITTEN)]
    notes = [f"Not read, because the bench writes them: {', '.join(written)}."] if written else []
    return [*notes, *([f"Values for documents: {', '.join(values)}."] if values else [])]


def _checked(
    found: Sequence[tuple[int, dict[str, str] | str]], names: tuple[str, ...], notes: list[str]
) -> Table:
    kept = tuple(name for name in names if name not in columns.WRITTEN)
    lines, flaws, invalid = [], [], 0
    for number, cells in found:
        wrong: list[Flaw] = []
        if isinstance(cells, str):
            wrong = [Flaw(number, "", "", cells)]
        else:
            read_ = {name: _one(number, name, cells.get(name, ""), wrong) for name in kept}
            lines += [] if wrong else [Line(number, read_)]
        invalid += bool(wrong)
        flaws += wrong
    return Table(kept, tuple(lines), tuple(notes), tuple(flaws), invalid)


def _one(number: int, name: str, text: str, wrong: list[Flaw]) -> str:
    """A cell as it is kept; what is wrong with it goes to `wrong`, and a secret to nobody."""
    try:
        return text if is_masked(name, text) else columns.read(name, _text_of(text))
    except Unfit as error:
        value = MASK if columns.is_secret(name) else text[:40]
        wrong.append(Flaw(number, name, value, str(error)))
        return ""


def is_masked(name: str, text: str) -> bool:
    """Whether a cell stands for a secret that an export has left out."""
    return text == MASK and columns.is_secret(name)


def _text_of(text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > MOST_CELL:
        raise Unfit(f"at most {MOST_CELL:,} bytes")
    if re.search("[\ud800-\udfff]", text):
        raise Unfit("it holds half a character")
    return text
