"""DNS messages on the wire (RFC 1035 section 4.1, RFC 6891): a query read, a reply written.

The law here: a name is opaque octets, its length octets included, never text; and no
compression pointer is ever followed, so nothing can loop. One exception leaves this
module: `Malformed`.
"""

from __future__ import annotations

import struct

# The name every type checker knows; importing `typing` for it would cost the resident
# process `re` and 1 MiB.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

HEADER: Final = 12

# The header's second word (RFC 1035 section 4.1.1; AD and CD: RFC 4035 section 3).
QR: Final = 0x8000
OPCODE: Final = 0x7800
AA: Final = 0x0400
TC: Final = 0x0200
RD: Final = 0x0100
RA: Final = 0x0080
AD: Final = 0x0020
CD: Final = 0x0010

NOERROR: Final = 0
FORMERR: Final = 1
SERVFAIL: Final = 2
NXDOMAIN: Final = 3
NOTIMP: Final = 4
BADVERS: Final = 16

A: Final = 1
NS: Final = 2
CNAME: Final = 5
SOA: Final = 6
PTR: Final = 12
MX: Final = 15
TXT: Final = 16
AAAA: Final = 28
SRV: Final = 33
OPT: Final = 41
SVCB: Final = 64
HTTPS: Final = 65
ANY: Final = 255

IN: Final = 1
ANY_CLASS: Final = 255

LONGEST_LABEL: Final = 63
LONGEST_NAME: Final = 255
# What we say we can take: fits one frame on any Wi-Fi (DNS flag day 2020).
UDP_SIZE: Final = 1232

_POINTER: Final = 0xC0
_DO: Final = 0x8000
_ADDITIONAL: Final = 2
_QUESTION_NAME: Final = b"\xc0\x0c"

_header: Final = struct.Struct(">6H")
_type_class: Final = struct.Struct(">HH")
_record: Final = struct.Struct(">HHIH")
_opt: Final = struct.Struct(">BHHBBHH")


class Malformed(Exception):  # noqa: N818 - named for what the message is
    """The octets are not a DNS query with one question."""


class Query:
    """A query as read: `question` as it came, `name` lower-cased; `version` -1 without EDNS."""

    __slots__ = ("dnssec_ok", "flags", "id", "name", "qclass", "qtype", "question", "version")

    def __init__(self, message: bytes) -> None:
        """Read `message`, whole to its last octet. Raises `Malformed`."""
        try:
            end = self._read_question(message)
            self._read_records(message, end)
        except (IndexError, struct.error):
            raise Malformed("ends early") from None

    def _read_question(self, message: bytes) -> int:
        self.id, self.flags, questions, *_ = _header.unpack_from(message)
        # One question: RFC 9619.
        if questions != 1:
            raise Malformed("not one question")
        end = _question_name(message)
        self.qtype, self.qclass = _type_class.unpack_from(message, end)
        # Length octets are below "A" (65), so lower() touches letters only.
        self.name = message[HEADER:end].lower()
        end += _type_class.size
        self.question = message[HEADER:end]
        return end

    def _read_records(self, message: bytes, at: int) -> None:
        """Walk whatever follows the question; only an OPT record tells us anything."""
        self.version = -1
        self.dnssec_ok = False
        for section, count in enumerate(_header.unpack_from(message)[3:]):
            for _ in range(count):
                start, at = at, _owner(message, at)
                rtype, _size, extended, length = _record.unpack_from(message, at)
                at += _record.size + length
                if rtype == OPT:
                    self._read_opt(extended, misplaced=section != _ADDITIONAL or message[start])
        if at != len(message):
            raise Malformed("does not end where it says")

    def _read_opt(self, extended: int, *, misplaced: bool | int) -> None:
        # RFC 6891 section 6.1.1: one at most, in the additional section, owned by the root.
        if misplaced or self.version >= 0:
            raise Malformed("a stray OPT record")
        self.version = extended >> 16 & 0xFF
        self.dnssec_ok = bool(extended & _DO)


def _question_name(message: bytes) -> int:
    """Where the question's name ends; it has nothing before it that it could point to."""
    at = HEADER
    while count := message[at]:
        if count > LONGEST_LABEL:
            raise Malformed("not a label")
        at += count + 1
    if at + 1 - HEADER > LONGEST_NAME:
        raise Malformed("a name over 255 octets")
    return at + 1


def _owner(message: bytes, at: int) -> int:
    """Where a record's owner name ends: at the root or at its first pointer backwards."""
    start = at
    while count := message[at]:
        if count >= _POINTER:
            if (count & ~_POINTER) << 8 | message[at + 1] >= at:
                raise Malformed("a pointer forwards")
            return at + 2
        if count > LONGEST_LABEL or at - start > LONGEST_NAME:
            raise Malformed("not a label")
        at += count + 1
    return at + 1


def is_answerable(message: bytes) -> bool:
    """Whether a reply may be sent at all: it has a header, and it is no reply itself."""
    return len(message) >= HEADER and not message[2] & QR >> 8


def is_query(message: bytes) -> bool:
    """Whether the opcode of a message with a header is QUERY."""
    return not message[2] & OPCODE >> 8


def record(rtype: int, ttl: int, rdata: bytes, *, owner: bytes = _QUESTION_NAME) -> bytes:
    """A resource record of class IN; `ttl` in seconds; owned by the question's name."""
    return owner + _record.pack(rtype, IN, ttl, len(rdata)) + rdata


def soa(ttl: int) -> bytes:
    """The smallest SOA record there is: the root's, its names the root; negative TTL `ttl`."""
    return record(SOA, ttl, b"\0\0" + struct.pack(">5I", 1, ttl, ttl, ttl, ttl), owner=b"\0")


def reply(
    query: Query,
    rcode: int,
    answers: Sequence[bytes] = (),
    authority: bytes = b"",
    *,
    truncated: bool = False,
) -> bytes:
    """The reply to `query` with these records: AA and RA set, RD and CD copied, AD clear.

    RA stands for "ask me": clients treat a resolver without it as lame. A query with EDNS
    gets an OPT record of version 0, which carries the upper bits of `rcode`.
    """
    flags = QR | AA | RA | query.flags & (RD | CD) | rcode & 15 | (TC if truncated else 0)
    has_opt = query.version >= 0
    counts = (1, len(answers), 1 if authority else 0, int(has_opt))
    parts = [_header.pack(query.id, flags, *counts), query.question, *answers, authority]
    if has_opt:
        do = _DO if query.dnssec_ok else 0  # RFC 3225 section 3: copied
        parts.append(_opt.pack(0, OPT, UDP_SIZE, rcode >> 4, 0, do, 0))
    return b"".join(parts)


def failure(message: bytes, rcode: int) -> bytes:
    """A bare header to a message that cannot be answered: id, opcode, RD and CD copied."""
    identifier, flags = _type_class.unpack_from(message)
    return _header.pack(identifier, QR | flags & (OPCODE | RD | CD) | rcode, 0, 0, 0, 0)
