"""Queries as octets, well-formed and otherwise, for every test of the resolver."""

from __future__ import annotations

import struct

from hypothesis import strategies as st

from dnsd import message as dns
from dnsd.answer import Policy
from dnsd.names import Names, never, wire

PORTAL = b"\x64\x40\x40\x01"  # 100.64.64.1
TTL = 10
EDNS = bytes.fromhex("00 0029 1000 00 00 0000 0000")
DO = bytes.fromhex("00 0029 1000 00 00 8000 0000")
# A COOKIE option of 8 octets, as dig sends it.
COOKIE = bytes.fromhex("00 0029 04d0 00 00 0000 000c 000a 0008 0123456789abcdef")
# A record without data, but for its owner.
EMPTY_SOA = bytes.fromhex("0006 0001 00000000 0000")
TYPES = (dns.A, dns.AAAA, dns.HTTPS, dns.SVCB, dns.ANY, dns.NS, dns.SOA, dns.MX, dns.TXT, 0, 252)
NAMES = (
    *("", "a", "captive.apple.com", "CaPtIvE.aPpLe.CoM", "www.msftconnecttest.com", "example.com"),
    *("connectivitycheck.gstatic.com", "detectportal.firefox.com", "wpad", "wpad.lan", "WPAD.x.y"),
    *("mask.icloud.com", "mask-h2.icloud.com", "icloud.com", "www.icloud.com", "x.mask.icloud.com"),
    *("use-application-dns.net", "Use-Application-DNS.net", "printer.local", "local", "x.invalid"),
    *("foo.onion", "_dns.resolver.arpa", "resolver.arpa", "ipv4only.arpa", "x.ipv4only.arpa"),
    *("localhost", "a.localhost", "dns.msftncsi.com", "x.dns.msftncsi.com", "wiki.org"),
    *("1.64.64.100.in-addr.arpa", "64.64.100.in-addr.arpa", "9.9.9.9.in-addr.arpa", "ip6.arpa"),
    *("in-addr.arpa", "arpa", "com", "wpadx.org", "notlocal", "lb._dns-sd._udp.9.9.in-addr.arpa"),
    *("a" * 63 + ".com", ".".join(["a" * 63] * 3 + ["b" * 61]), ".".join("a" * 127)),
)  # fmt: skip


def policy(released: str | None = None) -> Policy:
    """The policy of an appliance at 100.64.64.1; `released` is the one client online."""
    is_released = never if released is None else released.__eq__
    return Policy(Names(PORTAL, is_released), TTL)


def ask(
    name: str | bytes,
    qtype: int = dns.A,
    *,
    qclass: int = dns.IN,
    flags: int = dns.RD,
    rest: bytes = b"",
    counts: tuple[int, int, int, int] | None = None,
) -> bytes:
    """A query with id 0x4d49 whose name is given as text or as wire octets."""
    octets = wire(name) if isinstance(name, str) else name
    counts = counts or (1, 0, 0, 1 if rest else 0)
    header = struct.pack(">6H", 0x4D49, flags, *counts)
    return header + octets + struct.pack(">HH", qtype, qclass) + rest


# Shapes that have broken other parsers.
ODD = (
    b"",
    b"MI",
    bytes(11),
    bytes(12),
    ask(b"\xc0\x0c"),  # a name that points to itself
    ask(b"\xc0\x0e\xc0\x0c"),  # two that point to each other
    ask(b"\x01a\xc0\x0c\x00"),  # a pointer, then what looks like an end
    ask(b"".join(struct.pack(">H", 0xC000 | 12 + 2 * i) for i in range(1, 600)) + b"\0"),
    ask(b"\x40abc\0"),
    ask(b"\x80abc\0"),
    ask(b"\x3f" + b"a" * 63 + b"\0"),
    ask(b"\x40" + b"a" * 64 + b"\0"),
    ask(b"\x3f" + b"a" * 62),
    ask(b"\x01a" * 127 + b"\0"),
    ask(b"\x01a" * 128 + b"\0"),
    ask(b"\x03a\0b\0"),
    ask(b"\x04\xff\xfe\xc3\xa9\x03com\0"),
    ask("example.com", counts=(0, 0, 0, 0)),
    ask("example.com", counts=(2, 0, 0, 0)),
    ask("example.com", counts=(65535, 65535, 65535, 65535)),
    ask("example.com", rest=b"x", counts=(1, 0, 0, 0)),
    ask("example.com")[:-1],
    ask("example.com", rest=EDNS[:-1]),
    ask("example.com", rest=EDNS + EDNS, counts=(1, 0, 0, 2)),
    ask("example.com", rest=b"\x01a" + EDNS),
    ask("example.com", rest=EDNS, counts=(1, 1, 0, 0)),
    ask("example.com", rest=EDNS[:-2] + b"\x00\x09"),
    ask("example.com", rest=EDNS[:-2] + b"\xff\xff"),
    ask("example.com", rest=EDNS[:6] + b"\x01" + EDNS[7:]),
    ask("example.com", rest=COOKIE),
    ask("example.com", 251, rest=b"\xc0\x0c" + EMPTY_SOA, counts=(1, 0, 1, 0)),
    ask("example.com", 251, rest=b"\xc0\x1d" + EMPTY_SOA, counts=(1, 0, 1, 0)),
    ask("example.com", flags=dns.QR | dns.RD),
    ask("example.com", flags=0x2800),
    ask("example.com", flags=0x7800),
    ask("example.com", flags=0x7FF),
    ask("version.bind", dns.TXT, qclass=3),
    ask("example.com", qclass=dns.ANY_CLASS),
    ask("example.com", rest=bytes(1300)),
)  # fmt: skip
ASKED = tuple(
    ask(name, qtype, rest=rest)
    for name in NAMES
    for qtype in TYPES
    for rest in (b"", EDNS, DO, COOKIE)
)

labels = st.binary(min_size=1, max_size=63)
wire_names = st.lists(labels, max_size=8).map(
    lambda parts: b"".join(bytes([len(part)]) + part for part in parts)[:250]
)
flag_words = st.integers(0, 0xFFFF) | st.sampled_from([0, dns.RD, dns.RD | dns.AD, dns.RD | dns.CD])
shaped = st.builds(
    ask,
    st.sampled_from(NAMES) | wire_names.map(lambda name: name + b"\0"),
    st.sampled_from(TYPES) | st.integers(0, 0xFFFF),
    qclass=st.sampled_from([1, 1, 1, 3, 254, 255]),
    flags=flag_words,
    rest=st.sampled_from([b"", EDNS, DO, COOKIE]) | st.binary(max_size=40),
)
# Anything a client may send, near a query or far from one.
any_octets = st.binary(max_size=600) | shaped | st.sampled_from(ODD) | st.sampled_from(ASKED)
