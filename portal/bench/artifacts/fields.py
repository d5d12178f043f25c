"""What every answer with a file of the shelf says of it, and the loop's own answer to a range.

The fields are made once for each ticket: a view sends them through Flask, and the loop, once the
view has decided, as bytes. A test holds the two against each other.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from portal.bench.artifacts import ranges
from portal.bench.artifacts.ranges import Conditions
from portal.bench.port import Artifact
from portal.door import heads

# The fields of a plain head that decide what is answered; those but the first two go to the view.
_FIELD: Final = re.compile(rb"\r\n(range|connection|if-[^:\r\n]*):([^\r\n]*)", re.IGNORECASE)
_PLAIN: Final = frozenset({b"range", b"connection"})
_UNIT: Final = b"bytes="
_RANGE: Final = b"\r\nrange: bytes="
_PARTIAL: Final = b"HTTP/1.1 206 PARTIAL CONTENT\r\n"
_OK: Final = b"HTTP/1.1 200 OK\r\n"
_REST: Final = b"Content-Length: %d\r\nConnection: %b\r\n\r\n"
_CONTENT: Final = b"Content-Range: bytes %d-%d/%d\r\n" + _REST
_KEEP: Final = b"keep-alive"
_CLOSE: Final = b"close"
_MOST_KNOWN: Final = 8
# More are no position in any file (and would be costly to read).
_DIGITS: Final = 19


def etag(artifact: Artifact) -> str:
    """The strong entity tag: the content's own digest."""
    return f'"{artifact.sha256}"'


def of(artifact: Artifact) -> tuple[tuple[str, str], ...]:
    """The fields that describe the whole file, whatever part of it is sent.

    `x-MD5` is what ESP8266HTTPUpdate compares; `Digest` is RFC 3230's, `Repr-Digest` RFC 9530's.
    """
    sha256 = base64.b64encode(bytes.fromhex(artifact.sha256)).decode()
    md5 = base64.b64encode(bytes.fromhex(artifact.md5)).decode()
    return (
        ("Content-Type", "application/octet-stream"),
        ("Content-Disposition", f'attachment; filename="{artifact.name}"'),
        ("Accept-Ranges", "bytes"),
        ("ETag", etag(artifact)),
        # Private, because the address in it is one device's; and no proxy may unpack it.
        ("Cache-Control", "private, max-age=31536000, immutable, no-transform"),
        ("x-MD5", artifact.md5),
        ("Digest", f"SHA-256={sha256},MD5={md5}"),
        ("Repr-Digest", f"sha-256=:{sha256}:"),
        ("X-Content-Type-Options", "nosniff"),
    )


class Quick:
    """What answers plain requests for a file from their heads, under `host` only.

    A head is answered if it is a GET with one Host, and at most one Range, of one piece, and
    nothing else that decides. `now` is in seconds since 1970. A device's heads differ in two
    numbers: what stands around them need be read strictly only once.
    """

    def __init__(self, artifact: Artifact, host: bytes, now: Callable[[], float]) -> None:
        self._size = artifact.size
        self._tag = etag(artifact)
        self._host = host
        self._now = now
        self._fields = "".join(f"{name}: {value}\r\n" for name, value in of(artifact)).encode()
        self._second = -1
        self._dated = b""
        # What stands before and behind the numbers in heads that have been read; and whole heads
        # without any.
        self._known: list[tuple[bytes, bytes, bool]] = []
        self._wholes: dict[bytes, bool] = {}

    def __call__(self, head: bytes) -> tuple[bytes, int, int, bool] | None:
        """The head of the answer, offset and length, and whether the connection lives on."""
        for before, behind, keep in self._known:
            if head.startswith(before) and head.endswith(behind):
                first, _, last = head[len(before) : -len(behind)].partition(b"-")
                if first.isdigit() and last.isdigit() and len(first) < _DIGITS > len(last):
                    begin, end = int(first), min(int(last) + 1, self._size)
                    if begin < end:
                        return self._part(begin, end, keep=keep)
        known = self._wholes.get(head)
        return self._strictly(head) if known is None else self._whole(keep=known)

    def _strictly(self, head: bytes) -> tuple[bytes, int, int, bool] | None:
        plain = heads.plain(head)
        if plain is None or plain.method != b"GET" or plain.host != self._host:
            return None
        found = [(name.lower(), value.strip(b"\t ")) for name, value in _FIELD.findall(head)]
        asked = dict(found)
        keep = _keeps(head, asked.get(b"connection", b"").lower())
        if len(asked) < len(found) or asked.keys() - _PLAIN or keep is None:
            return None
        wanted = asked.get(b"range", b"")
        part = ranges.choose(self._size, self._tag, Conditions(range=wanted.decode("latin-1")))
        if part.status is HTTPStatus.OK:
            if len(self._wholes) < _MOST_KNOWN:
                self._wholes[head] = keep
            return self._whole(keep=keep)
        if part.status is not HTTPStatus.PARTIAL_CONTENT:
            return None
        self._remember(head, wanted, keep=keep)
        return self._part(part.offset, part.offset + part.length, keep=keep)

    def _remember(self, head: bytes, wanted: bytes, *, keep: bool) -> None:
        """What is the same but for the numbers is the same question with another Range."""
        before, unit, _ = head.partition(_UNIT)
        before += unit
        numbers = wanted[len(_UNIT) :]
        behind = head[len(before) + len(numbers) :]
        if before.lower().endswith(_RANGE) and head == before + numbers + behind:
            self._known = [(before, behind, keep), *self._known[: _MOST_KNOWN - 1]]

    def _whole(self, *, keep: bool) -> tuple[bytes, int, int, bool]:
        rest = _REST % (self._size, _KEEP if keep else _CLOSE)
        return _OK + self._date() + rest, 0, self._size, keep

    def _part(self, begin: int, end: int, *, keep: bool) -> tuple[bytes, int, int, bool]:
        words = (begin, end - 1, self._size, end - begin, _KEEP if keep else _CLOSE)
        return _PARTIAL + self._date() + _CONTENT % words, begin, end - begin, keep

    def _date(self) -> bytes:
        """The fields that all answers have, the Date as RFC 9110 5.6.7 wants it first."""
        now = int(self._now())
        if now != self._second:
            self._second = now
            self._dated = b"Date: %b\r\n%b" % (formatdate(now, usegmt=True).encode(), self._fields)
        return self._dated


def _keeps(head: bytes, asked: bytes) -> bool | None:
    """Whether the connection lives on (RFC 9112 9.3); None where it asks for anything else."""
    if asked in {b"keep-alive", b"close"}:
        return asked == b"keep-alive"
    return None if asked else head[head.index(b"\r\n") - 1] == ord("1")
