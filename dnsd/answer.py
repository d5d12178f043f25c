"""What to answer: one message in, one message or nothing out.

Accepted: a message that is not itself a reply (else two servers could talk for ever).
Another opcode is NOTIMP, anything but one well-formed question FORMERR; every well-formed
query is answered, with an address, NODATA or NXDOMAIN, and nothing is ever asked elsewhere.

**Never more than twice what was asked.** A spoofed source must not make us an amplifier,
so a UDP reply has at most twice its query's octets. An address fits always (17 asked for
the root, 33 answered). The smallest SOA record has 33 octets and is left out of negative
answers to queries shorter than that (11 letters and a dot, without EDNS): RFC 2308 makes
such an answer one that is not cached, which for a network one leaves in a minute is no loss.
Two rare sets of addresses can miss the bound by an octet (ipv4only.arpa, localhost AAAA):
they are cut, marked TC (RFC 2181 section 9), and whole over TCP.

No dnslib here: it takes names for text and refuses labels that are not ASCII, which would
be FORMERR for a well-formed query; and importing it when the first odd packet comes costs
16 ms (much more on a Pi) and 1.3 MiB at a moment that a stranger chooses. The tests use it
as the second reader of our answers.
"""

from __future__ import annotations

from dnsd import message as dns
from dnsd.names import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

AMPLIFICATION: Final = 2
# Seconds. A phone that leaves must forget soon what was *not* there.
LONGEST_NEGATIVE: Final = 10
SOA_SIZE: Final = len(dns.soa(0))


class Policy:
    """The resolver's mind: `names` known, `ttl` in seconds for whatever is found."""

    def __init__(self, names: Names, ttl: int) -> None:
        self.names = names
        self._ttl = ttl
        self._soa = dns.soa(min(ttl, LONGEST_NEGATIVE))

    def respond(self, message: bytes, client: str, *, stream: bool = False) -> bytes | None:
        """The reply to `message` from `client` (dotted quad), or None to stay silent.

        `stream` stands for TCP, where the address is proven and the size is no danger.
        """
        if not dns.is_answerable(message):
            return None
        if not dns.is_query(message):
            return dns.failure(message, dns.NOTIMP)
        try:
            query = dns.Query(message)
        except dns.Malformed:
            return dns.failure(message, dns.FORMERR)
        if query.version > 0:
            return dns.reply(query, dns.BADVERS)
        return self._answer(query, client, len(message), stream=stream)

    def _answer(self, query: dns.Query, client: str, asked: int, *, stream: bool) -> bytes:
        if query.qclass not in {dns.IN, dns.ANY_CLASS}:
            # CHAOS and the like: a class in which no name of ours has data, nor an SOA.
            return dns.reply(query, dns.NOERROR)
        records = self.names(query.name, client)
        if records is None:
            return self._negative(query, dns.NXDOMAIN, asked)
        rtype = query.qtype
        if rtype == dns.ANY:
            # RFC 8482: one record set is enough, and here one record.
            rtype = next(iter(records), rtype)
            rdatas: Sequence[bytes] = records.get(rtype, ())[:1]
        else:
            rdatas = records.get(rtype, ())
        if not rdatas:
            return self._negative(query, dns.NOERROR, asked)
        whole = dns.reply(query, 0, [dns.record(rtype, self._ttl, rdata) for rdata in rdatas])
        if stream or len(whole) <= AMPLIFICATION * asked:
            return whole
        return dns.reply(query, dns.NOERROR, truncated=True)

    def _negative(self, query: dns.Query, rcode: int, asked: int) -> bytes:
        """NXDOMAIN or NODATA, with the SOA record that says for how long, where it fits."""
        bare = dns.reply(query, rcode)
        if len(bare) + SOA_SIZE > AMPLIFICATION * asked:
            return bare
        return dns.reply(query, rcode, authority=self._soa)
