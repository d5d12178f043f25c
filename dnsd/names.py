"""Which names mean what: the catch-all, and the few names that must not be caught.

`Names` maps a name (lower-cased wire form) to its records by type, as {type: rdatas}, or
to None where the name does not exist.
"""

from __future__ import annotations

from dnsd.message import AAAA, PTR, A

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    Records = Mapping[int, tuple[bytes, ...]]


def wire(name: str) -> bytes:
    """The wire form of an ASCII name written with dots, the root at its end."""
    labels = [label.encode("ascii") for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def never(_client: str) -> bool:
    """Nobody is released."""
    return False


EMPTY: Final[Records] = {}

# Proxy auto-discovery, as a name of its own or below any domain: a client that finds a
# "proxy" here would fetch its rules from the portal.
WPAD: Final = b"\x04wpad"

# iCloud Private Relay's names all start so (mask, mask-h2, mask-api, mask-canary); Apple asks
# for NXDOMAIN or NODATA where the relay cannot work.
_ICLOUD: Final = wire("icloud.com")
_RELAY: Final = b"mask"

# What Windows asks to learn whether a network's DNS is honest, and what it must hear then.
_NCSI: Final = wire("dns.msftncsi.com")
_NCSI_ONLINE: Final[Records] = {A: (b"\x83\x6b\xff\xff",)}

# "test" is missing on purpose: RFC 6761 leaves it to the operator, and a tester's name
# should lead to the portal like any other.
_NOWHERE: Final = (
    "local",  # RFC 6762: answered by mDNS
    "invalid",  # RFC 6761
    "onion",  # RFC 7686
    "use-application-dns.net",  # tells Firefox to keep to this resolver
    "in-addr.arpa",  # RFC 6303: no reverse names but our own
    "ip6.arpa",
    "ipv4only.arpa",  # names below it; itself: see _IPV4ONLY
)
_LOOPBACK: Final[Records] = {A: (b"\x7f\0\0\1",), AAAA: (bytes(15) + b"\1",)}
# RFC 8880: how a client learns whether the network translates IPv4. Ours does not.
_IPV4ONLY: Final[Records] = {A: (b"\xc0\0\0\xaa", b"\xc0\0\0\xab")}

# RFC 8375 keeps home.arpa for the network one is in.
PORTAL_NAME: Final = "vestibule.home.arpa"


class Names:
    """All names there are, as an appliance at `address` (4 octets) knows them.

    `released` says of a client's address whether it is to believe itself online.
    """

    def __init__(self, address: bytes, released: Callable[[str], bool] = never) -> None:
        self._released = released
        self._ordinary: Records = {A: (address,)}
        self._exact: dict[bytes, Records] = {wire("ipv4only.arpa"): _IPV4ONLY}
        self._exact |= _reverse(address)
        self._below: dict[bytes, Records | None] = dict.fromkeys(map(wire, _NOWHERE))
        # RFC 6761 section 6.3, and RFC 9462: no encrypted resolver stands behind this one.
        self._below |= {wire("localhost"): _LOOPBACK, wire("resolver.arpa"): EMPTY}

    def suffixes(self) -> frozenset[bytes]:
        """Wire forms; a name that ends in none of them, nor begins as `WPAD`, is ordinary."""
        return frozenset((*self._exact, *self._below, _ICLOUD, _NCSI)) - {b"\0"}

    def ordinary(self) -> Records:
        """The records of a name that nothing special is known of."""
        return self._ordinary

    def __call__(self, name: bytes, client: str) -> Records | None:
        """The records of `name` for `client`; None where the name does not exist."""
        if name in self._exact:
            return self._exact[name]
        if name == _NCSI and self._released(client):
            return _NCSI_ONLINE
        if name.startswith(WPAD):
            return None
        return self._by_suffix(name)

    def _by_suffix(self, name: bytes) -> Records | None:
        at = 0
        while count := name[at]:
            if name[at:] in self._below:
                return self._below[name[at:]]
            label, at = name[at + 1 : at + 1 + count], at + 1 + count
            if name[at:] == _ICLOUD and label.startswith(_RELAY):
                return None
        return self._ordinary


def _reverse(address: bytes) -> dict[bytes, Records]:
    """Our own reverse name, and NODATA for those above it, which exist through it (RFC 8020)."""
    own = wire(".".join(map(str, reversed(address))) + ".in-addr.arpa")
    names: dict[bytes, Records] = {own: {PTR: (wire(PORTAL_NAME),)}}
    above = own[own[0] + 1 :]
    while above != wire("arpa"):
        names[above] = EMPTY
        above = above[above[0] + 1 :]
    return names
