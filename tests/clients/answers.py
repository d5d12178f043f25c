"""Answers off a connection, read strictly: what a lenient reader forgives, no phone has to.

Short bodies, bytes behind the end, chunk sizes with spaces (iOS 18 refuses those) and bare line
feeds are all failures here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tests.clients.asking import Exchange, Failure

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2}) [\t -~]*")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t -~\x80-\xff]*?)[\t ]*")
_CHUNK: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_BODILESS: Final = frozenset({204, 304})


class Broken(Exception):  # noqa: N818 - it becomes a Failure
    """There is no whole answer. `at_once`: the connection ended before its first byte."""

    def __init__(self, failure: Failure, *, at_once: bool = False) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.at_once = at_once


class Answers:
    """The answers on one connection, one after the other.

    `receive` gives the next bytes, and none at the end of the stream.
    """

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._inbox = b""

    def next(self, *, head: bool = False) -> Exchange:
        """The next answer; `head` says that HEAD was asked. Raises `Broken`."""
        status, *lines = self._head().split(b"\r\n")
        first = _STATUS.fullmatch(status)
        fields = [_FIELD.fullmatch(line) for line in lines]
        if first is None or not all(fields):
            raise Broken(Failure.GARBLED)
        headers = tuple(
            (field[1].decode("latin-1"), field[2].decode("latin-1")) for field in fields if field
        )
        code = int(first[1])
        bare = Exchange(code, headers, b"")
        if head or code in _BODILESS:
            return bare
        return Exchange(code, headers, self._body(bare))

    def end(self) -> bytes:
        """All that is left until the end of the stream."""
        while data := self._receive():
            self._inbox += data
        rest, self._inbox = self._inbox, b""
        return rest

    def _body(self, answer: Exchange) -> bytes:
        lengths = {value for name, value in answer.headers if name.lower() == "content-length"}
        if answer.get("Transfer-Encoding") is not None:
            return self._chunks() if not lengths else self._garbled()
        if not lengths:
            return self.end()
        length = lengths.pop()
        if lengths or not length.isdecimal():
            return self._garbled()
        return self._exactly(int(length))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = self._until(b"\r\n")
            if not _CHUNK.fullmatch(size):
                return self._garbled()
            chunk = self._exactly(int(size, 16))
            if self._exactly(2) != b"\r\n":
                return self._garbled()
            if not chunk:
                return body
            body += chunk

    def _head(self) -> bytes:
        if not self._inbox:
            self._inbox = self._receive()
            if not self._inbox:
                raise Broken(Failure.LOST, at_once=True)
        return self._until(b"\r\n\r\n")

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._inbox:
            self._more()
        text, _, self._inbox = self._inbox.partition(mark)
        return text

    def _exactly(self, count: int) -> bytes:
        while len(self._inbox) < count:
            self._more()
        data, self._inbox = self._inbox[:count], self._inbox[count:]
        return data

    def _more(self) -> None:
        data = self._receive()
        if not data:
            raise Broken(Failure.LOST)
        self._inbox += data

    @staticmethod
    def _garbled() -> bytes:
        raise Broken(Failure.GARBLED)
