"""What gunicorn writes an answer on, in the place of a socket; a view finds it in the environ.

An answer that is more than its text says so here: one that stays open and is fed (an event
stream) by `follow`, one that goes on with the bytes of a file by `file`. Any other server puts
something else there, and the view answers in its own way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

# By this name gunicorn hands its socket on (gunicorn.http.wsgi, default_environ).
KEY: Final = "gunicorn.socket"
# The end of a body in chunks (RFC 9112 7.1), and how its head announces them.
LAST_CHUNK: Final = b"0\r\n\r\n"
_CHUNKED: Final = b"\r\nTransfer-Encoding: chunked\r\n"
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Stream:
    """What an answer goes on with: news of `topic` with a number after `seen`."""

    topic: str
    seen: int


class Watch(Protocol):
    """Who is told how a file gets on. All of it is called in the loop's thread, and is quick."""

    @property
    def allowed(self) -> bool:
        """Whether it may go on; otherwise it is cut off."""
        ...

    def began(self, offset: int, length: int) -> None:
        """The first byte is about to be sent."""
        ...

    def acknowledged(self, begin: int, end: int) -> None:
        """These bytes of the file, and no more since it began, are with the client."""
        ...

    def ended(self, *, complete: bool) -> None:
        """Nothing more of it will be sent; `complete` where all of it has been acknowledged."""
        ...


class Source:
    """An open file that several answers may be sent from; closed when the last lets go of it."""

    __slots__ = ("_holders", "descriptor")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._holders = 1

    def hold(self) -> Source:
        """One more holder. For one thread at a time, as `release`."""
        self._holders += 1
        return self

    def release(self) -> None:
        """One holder less."""
        self._holders -= 1
        if not self._holders:
            os.close(self.descriptor)
            self.descriptor = -1


@dataclass(frozen=True, slots=True)
class File:
    """What an answer goes on with: `length` bytes of an open file, from `offset` on."""

    source: Source
    offset: int
    length: int
    watch: Watch


@dataclass(frozen=True, slots=True)
class Grant:
    """What a view has decided for more than one request: the loop answers the next by itself.

    `answer(head)` is the head of an answer, which bytes follow it (offset and length), and whether
    the connection lives on; or None for what is to go to the view. It holds for requests of
    `target` by this client, for `seconds`.
    """

    target: bytes
    answer: Callable[[bytes], tuple[bytes, int, int, bool] | None]
    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What a thread made of a request: the bytes to send, and whether the connection lives on.

    With a `stream` the body's last chunk is left out, and is sent when the stream ends; with a
    `file` the data is the head alone, and `grant` says what its next requests get.
    """

    data: bytes
    keep_alive: bool = False
    stream: Stream | None = None
    file: File | None = None
    grant: Grant | None = None


class Paper:
    """Keeps what is written on it."""

    def __init__(self) -> None:
        self._sheets: list[bytes] = []
        self._stream: Stream | None = None
        self._file: File | None = None
        self._grant: Grant | None = None

    def sendall(self, data: bytes) -> None:
        """Keep what the answer says."""
        self._sheets.append(bytes(data))

    def send(self, data: bytes) -> int:
        """Only ever `100 Continue`, which the front door has said already."""
        return len(data)

    def setblocking(self, _flag: object) -> None:
        """Paper does not block."""

    def follow(self, topic: str, seen: int) -> None:
        """Let the answer go on with what is published of `topic` after number `seen`."""
        self._stream = Stream(topic, seen)

    def file(self, descriptor: int, offset: int, length: int, watch: Watch) -> None:
        """Let the answer, a head with this Content-Length and no body, go on with a file's bytes.

        The descriptor is the loop's from now on, which closes it. Once for an answer.
        """
        self._file = File(Source(descriptor), offset, length, watch)

    def grant(self, grant: Grant) -> None:
        """Let the loop answer the next requests for this file by itself."""
        self._grant = grant

    def text(self) -> bytes:
        """All that was written."""
        return b"".join(self._sheets)

    def reply(self, *, keep_alive: bool) -> Reply:
        """The answer as the loop sends it."""
        text = self.text()
        if self._file:
            return self._with_file(text, self._file, keep_alive=keep_alive)
        # HTTP/1.0 has no chunks, and HEAD no body: such an answer ends where it ends.
        if self._stream and _CHUNKED in text and text.endswith(LAST_CHUNK):
            return Reply(text.removesuffix(LAST_CHUNK), keep_alive, self._stream)
        return Reply(text, keep_alive)

    def _with_file(self, text: bytes, file: File, *, keep_alive: bool) -> Reply:
        """As `reply`; what has become an error page after all goes without the file."""
        is_head = text.find(_END) == len(text) - len(_END)
        if is_head and b"\r\nContent-Length: %d\r\n" % file.length in text:
            return Reply(text, keep_alive, file=file, grant=self._grant)
        file.source.release()
        return Reply(text, keep_alive)


def paper(environ: Mapping[str, Any]) -> Paper | None:
    """The paper that a request is answered on, or None under another server."""
    found = environ.get(KEY)
    return found if isinstance(found, Paper) else None
