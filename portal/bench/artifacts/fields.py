"""What every answer with a file of the shelf says of it, and the loop's own answer to a range.

The fields are made once for each ticket: a view sends them through Flask, and the loop, once the
view has decided, as bytes. A test holds the two against each other.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from portal.bench.artifacts import ranges
from portal.bench.artifacts.ranges import Conditions
from portal.bench.port import Artifact
from portal.door import heads

# The fields of a plain head that decide what is answered; those but the first two go to the view.
_FIELD: Final = re.compile(rb"\r\n(range|connection|if-[^:\r\n]*):([^\r\n]*)", re.IGNORECASE)
_KNOWN: Final = frozenset({b"range", b"connection"})
_STATUS: Final = {HTTPStatus.OK: b"200 OK", HTTPStatus.PARTIAL_CONTENT: b"206 PARTIAL CONTENT"}


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


def quick(
    artifact: Artifact, host: bytes, date: Callable[[], bytes]
) -> Callable[[bytes], tuple[bytes, int, int, bool] | None]:
    """What answers plain requests for this file from their heads, under `host` only.

    A head is answered if it is a GET with one Host, and at most one Range, of one piece, and
    nothing else that decides. `date` is the time as RFC 9110 5.6.7 has it.
    """
    size = artifact.size
    tag = etag(artifact)
    same = "".join(f"{name}: {value}\r\n" for name, value in of(artifact)).encode()

    def answer(head: bytes) -> tuple[bytes, int, int, bool] | None:
        plain = heads.plain(head)
        if plain is None or plain.method != b"GET" or plain.host != host:
            return None
        found = [(name.lower(), value.strip(b"\t ")) for name, value in _FIELD.findall(head)]
        asked = dict(found)
        keep = _keeps(head, asked.get(b"connection", b"").lower())
        if len(asked) < len(found) or asked.keys() - _KNOWN or keep is None:
            return None
        wanted = Conditions(range=asked.get(b"range", b"").decode("latin-1"))
        part = ranges.choose(size, tag, wanted)
        if part.status not in _STATUS:
            return None
        connection = b"keep-alive" if keep else b"close"
        data = b"HTTP/1.1 %b\r\nDate: %b\r\n%b%bContent-Length: %d\r\nConnection: %b\r\n\r\n" % (
            _STATUS[part.status],
            date(),
            same,
            _content_range(part, size),
            part.length,
            connection,
        )
        return data, part.offset, part.length, keep

    return answer


def _content_range(part: ranges.Part, size: int) -> bytes:
    said = part.content_range(size)
    return f"Content-Range: {said}\r\n".encode() if said else b""


def _keeps(head: bytes, connection: bytes) -> bool | None:
    """Whether the connection lives on (RFC 9112 9.3); None where it asks for anything else."""
    if connection == b"close":
        return False
    if connection == b"keep-alive":
        return True
    return None if connection else head[head.index(b"\r\n") - 1] == ord("1")
