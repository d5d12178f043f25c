"""An HTTP/1 answer as it comes in: enough of it for a device, and only its beginning kept."""

from __future__ import annotations

import hashlib
from typing import Final

from portal.bench.simulators.acts import Answer

# Documents and jobs are a few KiB; of an image only digest and length are wanted.
KEPT: Final = 64 * 1024
_MOST_HEAD: Final = 16 * 1024
_END: Final = b"\r\n\r\n"
_BODILESS: Final = frozenset({204, 304})


class Hearing:
    """What has been heard of one answer; after `limit` bytes of body the line is cut."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._head = b""
        self._body = b""
        self._status = 0
        self._headers: dict[str, str] = {}
        self._announced: int | None = None
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.length = 0
        self.over = False

    def heard(self, data: bytes) -> None:
        """More has come."""
        if not self._status:
            self._head += data
            head, end, data = self._head.partition(_END)
            if not end:
                self.over = len(self._head) > _MOST_HEAD
                return
            self._read(head.decode("latin-1"))
        self._take(data)

    def answer(self) -> Answer:
        """What it comes to, now that there is no more."""
        whole = bool(self._status) and self._announced in {None, self.length}
        digests = self._md5.hexdigest(), self._sha256.hexdigest()
        return Answer(self._status, self._headers, self._body, self.length, whole, *digests)

    def _read(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        self._status = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 599
        for line in lines:
            name, _, value = line.partition(":")
            self._headers[name.strip().lower()] = value.strip()
        length = self._headers.get("content-length", "")
        self._announced = int(length) if length.isdecimal() else None
        if self._status in _BODILESS:
            self._announced = 0

    def _take(self, data: bytes) -> None:
        room = None if self._limit is None else max(0, self._limit - self.length)
        taken = data if room is None else data[:room]
        self._md5.update(taken)
        self._sha256.update(taken)
        self.length += len(taken)
        if len(self._body) < KEPT:
            self._body += taken[: KEPT - len(self._body)]
        is_cut = self._limit is not None and self.length >= self._limit
        self.over = is_cut or (self._announced is not None and self.length >= self._announced)
