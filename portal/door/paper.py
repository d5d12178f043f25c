"""What gunicorn writes an answer on, in the place of a socket; a view finds it in the environ.

An answer that is to stay open and be fed (an event stream) says so here: `follow`. Any other
server puts something else there, and the view answers briefly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# By this name gunicorn hands its socket on (gunicorn.http.wsgi, default_environ).
KEY: Final = "gunicorn.socket"
# The end of a body in chunks (RFC 9112 7.1), and how its head announces them.
LAST_CHUNK: Final = b"0\r\n\r\n"
_CHUNKED: Final = b"\r\nTransfer-Encoding: chunked\r\n"


@dataclass(frozen=True, slots=True)
class Stream:
    """What an answer goes on with: news of `topic` with a number after `seen`."""

    topic: str
    seen: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a thread made of a request: the bytes to send, and whether the connection lives on.

    With a `stream` the body's last chunk is left out, and is sent when the stream ends.
    """

    data: bytes
    keep_alive: bool = False
    stream: Stream | None = None


class Paper:
    """Keeps what is written on it."""

    def __init__(self) -> None:
        self._sheets: list[bytes] = []
        self._stream: Stream | None = None

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

    def text(self) -> bytes:
        """All that was written."""
        return b"".join(self._sheets)

    def reply(self, *, keep_alive: bool) -> Reply:
        """The answer as the loop sends it."""
        text = self.text()
        # HTTP/1.0 has no chunks, and HEAD no body: such an answer ends where it ends.
        if self._stream and _CHUNKED in text and text.endswith(LAST_CHUNK):
            return Reply(text.removesuffix(LAST_CHUNK), keep_alive, self._stream)
        return Reply(text, keep_alive)


def paper(environ: Mapping[str, Any]) -> Paper | None:
    """The paper that a request is answered on, or None under another server."""
    found = environ.get(KEY)
    return found if isinstance(found, Paper) else None
