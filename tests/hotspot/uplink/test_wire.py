"""ARP, DNS and HTTP as a home network is tried with them; what comes back is a stranger's."""

from __future__ import annotations

import ipaddress

import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.uplink import wire
from hotspot.uplink.wire import Answer

OWN, GATEWAY = ipaddress.IPv4Address("192.168.77.131"), ipaddress.IPv4Address("192.168.77.1")
HARDWARE, ROUTER = bytes.fromhex("420000000000"), bytes.fromhex("020000000200")
NAME = "connectivitycheck.gstatic.com"
QUERY = wire.dns_query(0x1D1D, NAME)

# As tcpdump shows them: request who-has 192.168.77.1 tell 192.168.77.131, and the reply.
REQUEST = bytes.fromhex(
    "ffffffffffff 420000000000 0806 0001 0800 06 04 0001420000000000 c0a84d83 000000000000 c0a84d01"
)
REPLY = bytes.fromhex(
    "420000000000 020000000200 0806 0001 0800 06 04 0002020000000200 c0a84d01 420000000000 c0a84d83"
)


def test_who_has_the_gateways_address() -> None:
    """The question is RFC 826's, and its answer is known."""
    assert wire.arp_request(HARDWARE, OWN, GATEWAY) == REQUEST
    assert wire.arp_answers(REPLY, GATEWAY)


@pytest.mark.parametrize(
    "frame",
    [REQUEST, REPLY[:30], b"", REPLY.replace(b"\xc0\xa8\x4d\x01", b"\xc0\xa8\x4d\x02"),
     REPLY.replace(b"\x08\x06", b"\x08\x00", 1)],
)  # fmt: skip
def test_no_answer(frame: bytes) -> None:
    """Our own question, half a frame, somebody else's answer are none."""
    assert not wire.arp_answers(frame, GATEWAY)


def answer(*records: dnslib.RR, code: int = 0, number: int = 0x1D1D, name: str = NAME) -> bytes:
    """An answer as a resolver writes it, names compressed."""
    question = dnslib.DNSQuestion(name)
    head = dnslib.DNSHeader(id=number, qr=1, ra=1, rcode=code)
    return bytes(dnslib.DNSRecord(head, q=question, rr=list(records)).pack())


def record(kind: str, value: str, name: str = NAME) -> dnslib.RR:
    """One resource record."""
    return dnslib.RR.fromZone(f"{name}. 60 IN {kind} {value}")[0]


def test_a_query() -> None:
    """dnslib reads it as a recursive question for IPv4 addresses."""
    read = dnslib.DNSRecord.parse(QUERY)

    assert (str(read.q.qname), read.q.qtype, read.header.rd) == (f"{NAME}.", dnslib.QTYPE.A, 1)


ANSWERS = [
    (answer(record("A", "192.0.2.1")), ("192.0.2.1",)),
    (answer(record("A", "192.0.2.1"), record("A", "192.0.2.2")), ("192.0.2.1", "192.0.2.2")),
    (
        answer(record("CNAME", "x.example."), record("A", "192.0.2.3", "x.example")),
        ("192.0.2.3",),
    ),
    (answer(record("AAAA", "2001:db8::1")), ()),
    (answer(), ()),
    (answer(code=3), ()),
    (answer(record("A", "192.0.2.1"), code=2), ()),
]


@pytest.mark.parametrize(("data", "expected"), ANSWERS)
def test_addresses(data: bytes, expected: tuple[str, ...]) -> None:
    """The IPv4 addresses of an answer, through aliases; none from a refusal."""
    assert wire.dns_addresses(data, QUERY) == tuple(map(ipaddress.IPv4Address, expected))


@pytest.mark.parametrize(
    "data",
    [b"", QUERY, answer(number=7), answer(name="another.example"), answer()[:20]],
)
def test_no_answer_to_our_query(data: bytes) -> None:
    """Another number, another name, the question itself are no answer."""
    assert wire.dns_addresses(data, QUERY) is None


@given(st.binary(max_size=200), st.integers(0, 80))
def test_any_answer(data: bytes, cut: int) -> None:
    """Cut, or followed by anything, an answer is read or is not; nothing is raised."""
    whole = answer(record("A", "192.0.2.1"))
    for octets in (data, whole[:cut] + data, whole[: len(QUERY)] + data):
        found = wire.dns_addresses(octets, QUERY)
        assert found is None or isinstance(found, tuple)


def test_a_request() -> None:
    """One connection, one answer."""
    assert wire.http_request("a.example", "/x?y") == (
        b"GET /x?y HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Vestibule\r\nAccept: */*\r\n"
        b"Connection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204)),
        (b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nsuccess\n", Answer(200, body=b"success\n")),
        (b"HTTP/1.1 200\r\n\r\n", Answer(200)),
        (b"HTTP/1.1 302 \r\nlocation:  http://a.b/ \r\n\r\n", Answer(302, "http://a.b/")),
        (b"HTTP/1.1 302 x\r\nLocation: \xff\r\n\r\n", Answer(302, "\ufffd")),
        (b"HTTP/1.1 2xx OK\r\n\r\n", None),
        (b"HTTP/1.1 20 OK\r\n\r\n", None),
        (b"HTTP/1.1\r\n\r\n", None),
        (b"HTTP/2 200\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n", None),
        (b"", None),
    ],
)
def test_an_http_answer(data: bytes, expected: Answer | None) -> None:
    """Status, place and body of a whole head; anything less is no answer."""
    assert wire.http_answer(data) == expected


@given(st.binary() | st.binary().map(lambda rest: b"HTTP/1.1 " + rest + b"\r\n\r\n"))
def test_any_http_answer(data: bytes) -> None:
    """Whatever a server sends, it has a status of three digits or is nothing."""
    found = wire.http_answer(data)

    assert found is None or 0 <= found.status <= 999
