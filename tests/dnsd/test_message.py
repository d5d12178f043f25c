"""Reading queries and writing replies, octet by octet."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given

from dnsd import message as dns
from dnsd.names import wire
from tests.dnsd.queries import COOKIE, DO, EDNS, any_octets, ask

RECORD = bytes.fromhex("0006 0001 00000000 0000")

MALFORMED = {
    "no question": ask("a.b", counts=(0, 0, 0, 0)),
    "two questions": ask("a.b", rest=ask("a.b")[12:], counts=(2, 0, 0, 0)),
    "name points to itself": ask(b"\xc0\x0c"),
    "pointer inside the name": ask(b"\x01a\xc0\x0c"),
    "pointer, then an end": ask(b"\x01a\xc0\x0c\0"),
    "label type 01": ask(b"\x41" + b"a" * 65 + b"\0"),
    "label type 10": ask(b"\x80\0"),
    "name of 256 octets": ask((b"\x3f" + b"a" * 63) * 3 + b"\x3e" + b"c" * 62 + b"\0"),
    "name without end": ask("a.b")[:14],
    "type cut": ask("a.b")[:-3],
    "class cut": ask("a.b")[:-1],
    "octet left over": ask("a.b") + b"\0",
    "record announced, none there": ask("a.b", counts=(1, 0, 0, 1)),
    "record there, none announced": ask("a.b", rest=EDNS, counts=(1, 0, 0, 0)),
    "OPT cut": ask("a.b", rest=EDNS[:-1]),
    "OPT longer than the message": ask("a.b", rest=EDNS[:-1] + b"\1"),
    "OPT shorter than the message": ask("a.b", rest=COOKIE[:-14] + b"\0\4" + COOKIE[-12:]),
    "two OPTs": ask("a.b", rest=EDNS * 2, counts=(1, 0, 0, 2)),
    "OPT of a name": ask("a.b", rest=b"\1x" + EDNS),
    "OPT in the authority section": ask("a.b", rest=EDNS, counts=(1, 0, 1, 0)),
    "owner points at itself": ask("a.b", rest=b"\xc0\x15" + RECORD),
    "owner points forwards": ask("a.b", rest=b"\xc0\xff" + RECORD),
    "owner of label type 01": ask("a.b", rest=b"\x41a" + RECORD),
    "owner without end": ask("a.b", rest=b"\x01a" * 200 + b"\0" + RECORD),
}  # fmt: skip


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED.keys())
def test_refuses_what_is_no_query(message: bytes) -> None:
    """Each way of being malformed is told apart from a query."""
    with pytest.raises(dns.Malformed):
        dns.Query(message)


@pytest.mark.parametrize(
    ("rest", "counts", "version", "dnssec_ok"),
    [
        (b"", None, -1, False),
        (EDNS, None, 0, False),
        (DO, None, 0, True),
        (COOKIE, None, 0, False),
        (EDNS[:6] + b"\x01" + EDNS[7:], None, 1, False),
        # IXFR sends the SOA it has, owned by the name asked for (RFC 1995 section 3).
        (b"\xc0\x0c" + RECORD, (1, 0, 1, 0), -1, False),
        # A TSIG record after OPT, as a signing client would.
        (EDNS + b"\1k\0" + bytes.fromhex("00fa 00ff 00000000 0001 ff"), (1, 0, 0, 2), 0, False),
    ],
)
def test_reads_what_follows_the_question(
    rest: bytes, counts: tuple[int, int, int, int] | None, version: int, *, dnssec_ok: bool
) -> None:
    """Records are walked over; the OPT record is understood."""
    query = dns.Query(ask("a.b", rest=rest, counts=counts))

    assert (query.version, query.dnssec_ok) == (version, dnssec_ok)


def test_keeps_the_question_and_folds_the_name() -> None:
    """The question stays as sent; only the name to be looked up loses its case."""
    query = dns.Query(ask("CaPtIvE.ApPle.com", dns.HTTPS))

    assert query.question == wire("CaPtIvE.ApPle.com") + b"\0\x41\0\x01"
    assert query.name == wire("captive.apple.com")
    assert (query.id, query.qtype, query.qclass) == (0x4D49, dns.HTTPS, dns.IN)


def test_takes_the_longest_name() -> None:
    """255 octets are a name, any octet may stand in a label."""
    name = b"\x3f" + bytes(range(63)) + (b"\x3f" + b"\xff" * 63) * 2 + b"\x3d" + b"c" * 61 + b"\0"

    assert len(name) == 255
    assert dns.Query(ask(name)).question.startswith(name)


def test_writes_a_reply() -> None:
    """A reply to the root's address, octet for octet: 33 for 17."""
    query = dns.Query(ask(""))

    reply = dns.reply(query, dns.NOERROR, [dns.record(dns.A, 10, b"\x64\x40\x40\x01")])

    assert reply == bytes.fromhex(
        "4d49 8580 0001 0001 0000 0000  00 0001 0001  c00c 0001 0001 0000000a 0004 64404001"
    )


def test_writes_an_authority_and_an_opt() -> None:
    """NXDOMAIN with the root's SOA, and our OPT for the client's."""
    query = dns.Query(ask("", rest=DO, flags=0))

    reply = dns.reply(query, dns.NXDOMAIN, authority=dns.soa(10))

    assert reply == bytes.fromhex(
        "4d49 8483 0001 0000 0001 0001  00 0001 0001"
        "00 0006 0001 0000000a 0016 00 00 00000001 0000000a 0000000a 0000000a 0000000a"
        "00 0029 04d0 00 00 8000 0000"
    )


@pytest.mark.parametrize(
    ("flags", "rcode", "expected"),
    [
        (dns.RD, dns.FORMERR, 0x8101),
        (dns.RD | dns.CD | dns.AD, dns.FORMERR, 0x8111),
        (0x2800, dns.NOTIMP, 0xA804),
        (0x07FF, dns.FORMERR, 0x8111),
    ],
)
def test_writes_a_failure(flags: int, rcode: int, expected: int) -> None:
    """A failure is a header: id, opcode, RD and CD of the message, nothing else of it."""
    failure = dns.failure(ask("a.b", flags=flags), rcode)

    assert failure == struct.pack(">6H", 0x4D49, expected, 0, 0, 0, 0)


@given(any_octets)
def test_only_malformed_escapes(message: bytes) -> None:
    """No octets make the reader raise anything but Malformed."""
    with contextlib.suppress(dns.Malformed):
        query = dns.Query(message)
        assert message[12:].startswith(query.question)
