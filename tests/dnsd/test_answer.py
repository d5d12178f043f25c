"""What is answered to what: the contract as tables, and what holds for any octets."""

from __future__ import annotations

import dnslib
import pytest
from hypothesis import given, settings

from dnsd import message as dns
from dnsd.answer import AMPLIFICATION
from tests.dnsd.mutate import check, mutations
from tests.dnsd.queries import ASKED, COOKIE, DO, EDNS, NAMES, ODD, any_octets, ask, policy

CLIENT = "100.64.64.7"
# Test size; `python -m tests.dnsd.mutate 1000000` for the whole count.
MUTATIONS = 50_000


def answer(query: bytes, *, stream: bool = False) -> dnslib.DNSRecord:
    """The answer, as an independent reader understands it."""
    octets = policy().respond(query, CLIENT, stream=stream)
    assert octets is not None
    return dnslib.DNSRecord.parse(octets)


def shown(reply: dnslib.DNSRecord) -> list[str]:
    """The records of the answer section: type and data."""
    return [f"{dnslib.QTYPE[record.rtype]} {record.rdata}" for record in reply.rr]


@pytest.mark.parametrize(
    ("name", "qtype", "records"),
    [
        ("captive.apple.com", "A", ["A 100.64.64.1"]),
        ("captive.apple.com", "ANY", ["A 100.64.64.1"]),
        ("localhost", "A", ["A 127.0.0.1"]),
        ("localhost", "ANY", ["A 127.0.0.1"]),
        ("x.localhost", "AAAA", ["AAAA ::1"]),
        ("ipv4only.arpa", "A", ["A 192.0.0.170", "A 192.0.0.171"]),
        ("ipv4only.arpa", "ANY", ["A 192.0.0.170"]),
        ("1.64.64.100.in-addr.arpa", "PTR", ["PTR vestibule.home.arpa."]),
        ("1.64.64.100.in-addr.arpa", "ANY", ["PTR vestibule.home.arpa."]),
        ("dns.msftncsi.com", "A", ["A 100.64.64.1"]),
    ],
)
def test_answers(name: str, qtype: str, records: list[str]) -> None:
    """Found: NOERROR, authoritative, TTL as set, the question copied."""
    query = ask(name, getattr(dnslib.QTYPE, qtype), rest=EDNS)

    reply = answer(query)

    assert shown(reply) == records
    assert {record.ttl for record in reply.rr} == {10}
    assert (reply.header.rcode, reply.header.aa, reply.header.tc) == (dns.NOERROR, 1, 0)
    assert reply.q.qname.label == tuple(part.encode() for part in name.split("."))


@pytest.mark.parametrize(
    "rtype", ["AAAA", "HTTPS", "SVCB", "MX", "TXT", "SRV", "NS", "SOA", "CNAME", "PTR", "AXFR"]
)
@pytest.mark.parametrize("name", ["captive.apple.com", "ipv4only.arpa", "_dns.resolver.arpa"])
def test_nodata(name: str, rtype: str) -> None:
    """Nothing of that type: NOERROR, no answer, an SOA that lets it be forgotten in 10 s."""
    reply = answer(ask(name, getattr(dnslib.QTYPE, rtype), rest=EDNS))

    assert (reply.header.rcode, reply.rr) == (dns.NOERROR, [])
    assert_negative(reply)


@pytest.mark.parametrize("name", ["wpad.fritz.box", "mask-h2.icloud.com", "use-application-dns.net",
                                  "printer.local", "1.1.1.10.in-addr.arpa"])  # fmt: skip
@pytest.mark.parametrize("qtype", [dns.A, dns.AAAA, dns.HTTPS, dns.ANY, dns.SOA])
def test_nxdomain(name: str, qtype: int) -> None:
    """No such name, for every type alike."""
    reply = answer(ask(name, qtype, rest=EDNS))

    assert (reply.header.rcode, reply.rr) == (dns.NXDOMAIN, [])
    assert_negative(reply)


def assert_negative(reply: dnslib.DNSRecord) -> None:
    """An SOA record whose TTL and minimum are 10 s at most (RFC 2308 section 5)."""
    (soa,) = reply.auth
    assert soa.rtype == dns.SOA
    assert soa.ttl <= 10
    assert soa.rdata.times[4] <= 10


def test_released_clients_hear_what_windows_expects() -> None:
    """The state-dependent answer follows the asking client."""
    released = policy(released=CLIENT)
    query = ask("DNS.msftncsi.com")

    online = released.respond(query, CLIENT) or b""
    captive = released.respond(query, "100.64.64.8") or b""

    assert online.endswith(b"\x00\x04\x83\x6b\xff\xff")
    assert captive.endswith(b"\x00\x04\x64\x40\x40\x01")


@pytest.mark.parametrize("rtype", [dns.A, dns.TXT, dns.ANY])
def test_chaos_has_no_data(rtype: int) -> None:
    """version.bind and the like: NOERROR without a record of any class."""
    reply = answer(ask("version.bind", rtype, qclass=3))

    assert (reply.header.rcode, reply.rr, reply.auth) == (dns.NOERROR, [], [])


@pytest.mark.parametrize(
    ("message", "rcode", "flags"),
    [
        (ask("a.b", flags=0x0800), dns.NOTIMP, 0x8804),
        (ask("a.b", flags=0x2000 | dns.RD), dns.NOTIMP, 0xA104),
        (ask("a.b", flags=0x2800)[:12], dns.NOTIMP, 0xA804),
        (ask("a.b", flags=0x7800 | dns.CD), dns.NOTIMP, 0xF814),
        (ask("a.b", counts=(0, 0, 0, 0)), dns.FORMERR, 0x8101),
        (ask("a.b", counts=(2, 0, 0, 0)), dns.FORMERR, 0x8101),
        (ask(b"\xc0\x0c"), dns.FORMERR, 0x8101),
        (bytes(12), dns.FORMERR, 0x8001),
    ],
)
def test_refusals_are_bare_headers(message: bytes, rcode: int, flags: int) -> None:
    """Another opcode is NOTIMP, a malformed query FORMERR."""
    reply = policy().respond(message, CLIENT) or b""

    assert reply == message[:2] + flags.to_bytes(2, "big") + bytes(8)
    assert reply[3] & 15 == rcode


@pytest.mark.parametrize(
    "message", [b"", bytes(11), ask("a.b", flags=dns.QR), bytes(2) + b"\xff" * 40]
)
def test_silence(message: bytes) -> None:
    """No reply to a reply, nor to what has no header to reply to."""
    assert policy().respond(message, CLIENT) is None


@pytest.mark.parametrize("flags", [0, dns.RD, dns.CD, dns.RD | dns.CD | dns.AD])
@pytest.mark.parametrize("qtype", [dns.A, dns.AAAA])
def test_flags(flags: int, qtype: int) -> None:
    """RD and CD are copied, AD is clear, AA and RA are set."""
    reply = policy().respond(ask("captive.apple.com", qtype, flags=flags), CLIENT) or b""

    word = int.from_bytes(reply[2:4], "big")
    assert word == dns.QR | dns.AA | dns.RA | flags & (dns.RD | dns.CD)


@pytest.mark.parametrize(("opt", "flags"), [(EDNS, 0), (DO, 0x8000), (COOKIE, 0)])
def test_edns(opt: bytes, flags: int) -> None:
    """An OPT record is answered by ours: version 0, 1232 octets, DO copied, no options."""
    reply = answer(ask("captive.apple.com", rest=opt))

    (record,) = reply.ar
    assert (record.rtype, record.rclass, record.ttl, record.rdata) == (dns.OPT, 1232, flags, [])


def test_edns_of_the_future() -> None:
    """Version 1 is BADVERS, in version 0, with the question and no answer (RFC 6891 6.1.3)."""
    reply = answer(ask("captive.apple.com", rest=EDNS[:6] + b"\x01" + EDNS[7:]))

    (record,) = reply.ar
    assert record.ttl == 0x01000000
    assert (reply.header.rcode, reply.rr) == (0, [])


def test_case_is_kept() -> None:
    """0x20: the question comes back as it went, also where the name is a special one."""
    for name in ("cApTiVe.ApPlE.cOm", "WpAd.LaN", "LOCALHOST"):
        query = ask(name)
        reply = policy().respond(query, CLIENT) or b""

        assert reply[12:].startswith(query[12:])


@pytest.mark.parametrize("name", NAMES)
def test_short_queries_go_without_soa(name: str) -> None:
    """The SOA is there exactly when the answer with it is at most twice the query."""
    query = ask(name, dns.TXT)

    reply = answer(query)

    assert bool(reply.auth) == (2 * len(query) >= len(query) + 33)


@pytest.mark.parametrize(
    ("name", "qtype", "count"), [("ipv4only.arpa", dns.A, 2), ("localhost", dns.AAAA, 1)]
)
def test_what_does_not_fit_is_truncated(name: str, qtype: int, count: int) -> None:
    """An answer over the bound says TC by UDP and is whole by TCP."""
    query = ask(name, qtype)

    assert (answer(query).header.tc, answer(query).rr) == (1, [])
    assert (answer(query, stream=True).header.tc, len(answer(query, stream=True).rr)) == (0, count)


def test_well_formed_queries_are_answered() -> None:
    """Every name, type and EDNS form: NOERROR or NXDOMAIN, and another reader can read it."""
    for query in ASKED:
        check(query)
        assert answer(query).header.rcode in {dns.NOERROR, dns.NXDOMAIN}


@pytest.mark.parametrize("message", ODD)
def test_odd_shapes(message: bytes) -> None:
    """What holds for any octets holds for those that have broken others."""
    check(message)


@settings(max_examples=500)
@given(any_octets)
def test_any_octets(message: bytes) -> None:
    """Never an exception, more than twice the octets, or an answer to an answer."""
    check(message)


@given(any_octets)
def test_streams_get_the_same(message: bytes) -> None:
    """By TCP everything is the same, but that nothing is truncated."""
    one, other = policy().respond(message, CLIENT), policy().respond(message, CLIENT, stream=True)

    if one is None or not one[2] & dns.TC >> 8:
        assert one == other
    else:
        assert other is not None
        assert len(other) > AMPLIFICATION * len(message)


def test_mutations() -> None:
    """Queries changed at random, a seeded many of them."""
    for message in mutations(MUTATIONS, seed=1):
        check(message)
