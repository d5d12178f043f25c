"""The fast path answers as the policy does, and recognises what is common."""

from __future__ import annotations

import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsd import message as dns
from dnsd.fast import SLOT, Fast
from tests.dnsd.mutate import CLIENT, filled
from tests.dnsd.queries import DO, EDNS, NAMES, any_octets, ask, policy

COMMON = ("captive.apple.com", "a.co", "WWW.Gstatic.COM", "cloud.example", "wiki.org", "x" * 40)
SPECIAL = (
    *("wpad", "WPAD.lan", "mask.icloud.com", "Use-Application-DNS.NET", "printer.LOCAL", "onion"),
    *("localhost", "1.64.64.100.in-addr.arpa", "resolver.arpa", "dns.msftncsi.com", "x.invalid"),
)


@pytest.mark.parametrize("name", COMMON)
@pytest.mark.parametrize("qtype", [dns.A, dns.AAAA, dns.HTTPS, dns.SVCB, dns.TXT, dns.ANY])
@pytest.mark.parametrize("flags", [0, dns.RD, dns.RD | dns.AD, dns.RD | dns.CD])
@pytest.mark.parametrize("opt", [b"", EDNS])
def test_common_queries_are_recognised(name: str, qtype: int, flags: int, opt: bytes) -> None:
    """Ordinary names, usual types, with and without EDNS: the policy is not asked."""
    query = ask(name, qtype, flags=flags, rest=opt)

    assert filled(query) == (policy().respond(query, CLIENT), False)


@pytest.mark.parametrize("name", SPECIAL)
def test_special_names_are_not(name: str) -> None:
    """A name with a meaning of its own goes to the policy, whatever its case."""
    query = ask(name)

    assert filled(query) == (policy().respond(query, CLIENT), True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("opt", [b"", EDNS, DO])
def test_every_name_is_answered_alike(name: str, opt: bytes) -> None:
    """No name of the tables is answered otherwise than by the policy."""
    query = ask(name, rest=opt)

    assert filled(query)[0] == policy().respond(query, CLIENT)


def test_a_datagram_that_fills_its_slot() -> None:
    """The largest there is room for is answered as FORMERR at worst, and whole."""
    query = ask("a.b", rest=bytes(SLOT))[:SLOT]

    assert filled(query)[0] == dns.failure(query, dns.FORMERR)


@given(st.lists(any_octets.filter(lambda message: len(message) <= SLOT), max_size=8))
def test_slots_do_not_disturb_each_other(messages: list[bytes]) -> None:
    """A batch of anything is answered slot by slot as each alone; the silent ones are named."""
    mind = policy()
    sizes = [-1] * len(messages)
    with mmap.mmap(-1, 8 * SLOT) as slots:
        for which, message in enumerate(messages):
            slots[which * SLOT : which * SLOT + len(message)] = message
        silent = Fast(mind).fill(
            slots,
            [len(message) for message in messages],
            sizes,
            lambda query, _: mind.respond(query, CLIENT),
        )
        answers = [
            None if which in silent else slots[which * SLOT : which * SLOT + size]
            for which, size in enumerate(sizes)
        ]

    assert answers == [mind.respond(message, CLIENT) for message in messages]
