"""Which names are the portal, which are something else, which do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dnsd import message as dns
from dnsd.names import PORTAL_NAME, Names, wire

if TYPE_CHECKING:
    from dnsd.names import Records

PORTAL = b"\x64\x40\x40\x01"
LOOPBACK = {dns.A: (b"\x7f\0\0\1",), dns.AAAA: (bytes(15) + b"\1",)}
CLIENT = "100.64.64.7"

MEANINGS: list[tuple[str, Records | None]] = [
    *((name, {dns.A: (PORTAL,)}) for name in (
        "", "com", "captive.apple.com", "netcts.cdn-apple.com", "dns.msftncsi.com",
        "x.dns.msftncsi.com", "msftncsi.com", "icloud.com", "www.icloud.com", "a.mask.example",
        "mask.notmyicloud.com", "amask.icloud.com", "xwpad.lan", "wpadx.lan", "x.wpad", "test",
        "phone.test", "notlocal", "local.example", "myuse-application-dns.net", "arpa",
        "localhost.example", "notlocalhost", "home.arpa", PORTAL_NAME,
    )),
    *((name, None) for name in (
        "wpad", "wpad.lan", "wpad.a.b.c", "mask.icloud.com", "mask-h2.icloud.com",
        "mask-api.icloud.com", "mask-canary.icloud.com", "x.mask.icloud.com",
        "use-application-dns.net", "x.use-application-dns.net", "local", "printer.local",
        "_http._tcp.local", "invalid", "x.invalid", "onion", "x.onion", "9.9.9.9.in-addr.arpa",
        "2.64.64.100.in-addr.arpa", "0.1.64.64.100.in-addr.arpa",
        "b._dns-sd._udp.0.64.64.100.in-addr.arpa", "ip6.arpa", "1.0.ip6.arpa", "x.ipv4only.arpa",
    )),
    *((name, {}) for name in (
        "resolver.arpa", "_dns.resolver.arpa", "in-addr.arpa", "100.in-addr.arpa",
        "64.100.in-addr.arpa", "64.64.100.in-addr.arpa",
    )),
    ("localhost", LOOPBACK),
    ("a.b.localhost", LOOPBACK),
    ("ipv4only.arpa", {dns.A: (b"\xc0\0\0\xaa", b"\xc0\0\0\xab")}),
    ("1.64.64.100.in-addr.arpa", {dns.PTR: (wire(PORTAL_NAME),)}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "records"), MEANINGS)
def test_meaning(name: str, records: Records | None) -> None:
    """Each name has the records the contract gives it."""
    assert Names(PORTAL)(wire(name), CLIENT) == records


def test_windows_is_told_by_state() -> None:
    """dns.msftncsi.com is honest only to the client that has been released."""
    names = Names(PORTAL, released=CLIENT.__eq__)

    assert names(wire("dns.msftncsi.com"), CLIENT) == {dns.A: (b"\x83\x6b\xff\xff",)}
    assert names(wire("dns.msftncsi.com"), "100.64.64.8") == {dns.A: (PORTAL,)}


def test_asks_for_the_state_only_where_it_matters() -> None:
    """No other name costs a look at who is released."""

    def released(client: str) -> bool:
        raise AssertionError(client)

    names = Names(PORTAL, released)

    for name, _ in MEANINGS:
        if name != "dns.msftncsi.com":
            names(wire(name), CLIENT)


@pytest.mark.parametrize(("name", "records"), MEANINGS)
def test_special_names_end_in_a_known_suffix(name: str, records: Records | None) -> None:
    """What `suffixes` promises the fast path: no other name is special."""
    names = Names(PORTAL)

    if records != {dns.A: (PORTAL,)} and not name.startswith("wpad"):
        assert wire(name).endswith(tuple(names.suffixes()))
