"""Request heads as bytes: enough of HTTP/1 to tell a captive probe from everything else.

What is answered before any framework must be beyond doubt: a plain GET or HEAD of HTTP/1.0 or
1.1 with one Host, well-formed lines and no body (RFC 9112). All else is handed on whole to the
strict parser behind, which answers it or refuses it. Nothing here keeps state or does I/O.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

END: Final = b"\r\n\r\n"
# The longest head, in bytes. Browsers send 0.5 to 2 KiB.
MOST: Final = 16 * 1024

# Token, field-value and origin-form of RFC 9110 5.6.2, 5.5 and RFC 9112 3.2.1, in bytes.
# No obs-fold, no bare CR or LF, no control character gets through.
_PLAIN: Final = re.compile(
    rb"(GET|HEAD) (/[!-~]*) HTTP/1\.[01]\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+\r\n"
)
# White space is stripped afterwards: a lazy group before it would be quadratic in a hostile head.
_HOST: Final = re.compile(rb"\r\nhost:([^\r\n]*)(?=\r\n)", re.IGNORECASE)
# Fields that announce a body or ask for something other than an answer.
_UNUSUAL: Final = re.compile(
    rb"\r\n(?:content-length|transfer-encoding|upgrade|expect):", re.IGNORECASE
)
_LENGTH: Final = re.compile(rb"\r\ncontent-length:([^\r\n]*)(?=\r\n)", re.IGNORECASE)
_CODING: Final = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECT: Final = re.compile(rb"\r\nexpect:[\t ]*100-continue[\t ]*(?=\r\n)", re.IGNORECASE)
_DIGITS: Final = re.compile(rb"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain GET or HEAD: `host` in small letters without port 80, `path` without the query."""

    method: bytes
    host: bytes
    path: bytes


class Unframed(Exception):  # noqa: N818 - it becomes an answer with this status
    """Where the body ends cannot be told; `status` is what the client is answered."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def plain(head: bytes) -> Plain | None:
    """The request a head makes, if it is one of the plain ones; None sends it to the parser.

    `head` is everything up to and with the empty line.
    """
    match = _PLAIN.fullmatch(head)
    hosts = _HOST.findall(head) if match else ()
    if match is None or len(hosts) != 1 or _UNUSUAL.search(head):
        return None
    method, target = match.groups()
    host = hosts[0].strip(b"\t ").lower().removesuffix(b":80")
    return Plain(method, host, target.partition(b"?")[0])


def header(head: bytes, name: str) -> str:
    """A header of a head, by its name in any case; "" where there is none.

    Several of one name are one with commas, as a WSGI server has them (RFC 9110 5.3).
    """
    pattern = rb"\r\n" + re.escape(name.encode("ascii")) + rb":([^\r\n]*)(?=\r\n)"
    found = re.findall(pattern, head, re.IGNORECASE)
    return ",".join(value.strip(b"\t ").decode("latin-1") for value in found)


def first(inbox: bytes) -> bytes | None:
    """The head that these bytes begin with, or None while it is not all there.

    Raises `Unframed`: 431 for one that is too long.
    """
    end = inbox.find(END)
    if 0 <= end < MOST:
        return inbox[: end + len(END)]
    if len(inbox) > MOST:
        raise Unframed(431)
    return None


def body_length(head: bytes, most: int) -> int:
    """How many bytes of body follow this head (RFC 9112 6.3), `most` at the most.

    Raises `Unframed`: 413 for more than that; 411 for a transfer coding (a body here is small,
    its length known); 400 for two lengths, both kinds at once, or a length that is no number.
    These are the shapes of request smuggling, refused before anything else looks at them.
    """
    lengths = _LENGTH.findall(head)
    if _CODING.search(head):
        raise Unframed(400 if lengths else 411)
    if not lengths:
        return 0
    length = lengths[0].strip(b"\t ")
    if len(lengths) > 1 or not _DIGITS.fullmatch(length):
        raise Unframed(400)
    if int(length) > most:
        raise Unframed(413)
    return int(length)


def expects_continue(head: bytes) -> bool:
    """Whether the client waits for `100 Continue` before it sends its body (RFC 9110 10.1.1)."""
    return _EXPECT.search(head) is not None
