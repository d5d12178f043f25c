"""Which bytes of a file a request gets: ranges and preconditions of RFC 9110, 13 and 14.

Values to values. There is one representation, its entity tag is strong, and it has no date: it
never changes, so there is nothing for If-Modified-Since to compare with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from portal.door.pieces import together

# range-set of RFC 9110 14.1.2, with the optional white space and empty elements of a list (5.6.1).
_SET: Final = re.compile(r"bytes=([0-9\-, \t]+)", re.IGNORECASE)
_SPEC: Final = re.compile(r"(?a:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
# A header that is longer asks for nothing that a device needs; many small ranges are an attack
# (RFC 9110 17.15).
_MOST_TEXT: Final = 512
_TAG: Final = re.compile(r'[ \t]*(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?:,|$)')


@dataclass(frozen=True, slots=True)
class Conditions:
    """A request's fields that decide, "" where there is none."""

    range: str = ""
    if_range: str = ""
    if_match: str = ""
    if_none_match: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What is answered: the status, and `length` bytes from `offset` where it is 200 or 206."""

    status: HTTPStatus
    offset: int = 0
    length: int = 0

    def content_range(self, size: int) -> str:
        """The field of that name, "" where the answer has none."""
        if self.status is HTTPStatus.PARTIAL_CONTENT:
            return f"bytes {self.offset}-{self.offset + self.length - 1}/{size}"
        if self.status is HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return f"bytes */{size}"
        return ""


def choose(size: int, etag: str, asked: Conditions, *, is_get: bool = True) -> Part:
    """What to answer of a file of `size` bytes whose entity tag, in its quotes, is `etag`.

    In the order of RFC 9110 13.2.2. A Range counts with GET only (14.2).
    """
    if asked.if_match and not _names(asked.if_match, etag, weak=False):
        return Part(HTTPStatus.PRECONDITION_FAILED)
    if asked.if_none_match and _names(asked.if_none_match, etag, weak=True):
        return Part(HTTPStatus.NOT_MODIFIED)
    counts = is_get and (not asked.if_range or asked.if_range.strip() == etag)
    wanted = specs(asked.range) if counts and asked.range else []
    found = together([piece for spec in wanted if (piece := _within(spec, size))])
    if wanted and not found:
        return Part(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    if len(found) != 1:
        # Several that do not touch would need a multipart body, which no updater reads; the
        # whole is always a right answer (RFC 9110 14.2).
        return Part(HTTPStatus.OK, 0, size)
    begin, end = found[0]
    return Part(HTTPStatus.PARTIAL_CONTENT, begin, end - begin)


def specs(field: str) -> list[tuple[int | None, int | None]]:
    """The ranges a Range field asks for, (first, last) or (None, suffix); [] for no valid ones.

    A field that does not hold to the grammar is ignored (RFC 9110 14.2), one bad range and all.
    """
    match = _SET.fullmatch(field.strip(" \t")) if len(field) <= _MOST_TEXT else None
    found: list[tuple[int | None, int | None]] = []
    for text in match[1].split(",") if match else ():
        spec = _SPEC.fullmatch(text.strip(" \t"))
        if spec is None:
            if text.strip(" \t"):
                return []
            continue
        first, last, suffix = spec.groups()
        if suffix is not None:
            found.append((None, int(suffix)))
        elif last and int(last) < int(first):
            return []
        else:
            found.append((int(first), int(last) if last else None))
    return found


def _within(spec: tuple[int | None, int | None], size: int) -> tuple[int, int] | None:
    """A range's begin and end in a file of `size` bytes; None where it has none of it."""
    first, last = spec
    if first is None:
        begin, end = size - min(last or 0, size), size
    else:
        begin, end = first, size if last is None else min(last + 1, size)
    return (begin, end) if begin < end else None


def _names(field: str, etag: str, *, weak: bool) -> bool:
    """Whether a list of entity tags has this one (RFC 9110 8.8.3.2); `*` is any."""
    if field.strip() == "*":
        return True
    return any(
        tag == etag and (weak or not mark) for mark, tag in _TAG.findall(field[: 8 * _MOST_TEXT])
    )
