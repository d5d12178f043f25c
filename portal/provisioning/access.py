"""What a network may ask besides a password: who a user is, and an address of one's own choice.

Law: values in, values out, as in `portal.provisioning.record`, whose later parts these are.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hotspot.settings import Secret

SECURITIES: Final = ("open", "owe", "wep", "wpa2", "wpa3", "wpa2-wpa3", "enterprise")
METHODS: Final = ("peap", "ttls")
# A network access identifier (RFC 7542 2.3), MSCHAPv2's password (RFC 2759 4), a chain of a few
# certificates, and what a resolver's configuration holds (resolv.conf(5), MAXNS).
MOST_IDENTITY: Final = 253
MOST_PASSWORD: Final = 256
MOST_CA: Final = 24_576
MOST_DNS: Final = 3


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A user of a network that asks for one (IEEE 802.1X, by PEAP or TTLS).

    `method` is "peap", "ttls" or "" for whichever the network takes; `ca` the certificates, in
    PEM, by which the network's server is known, "" for any.
    """

    identity: str
    password: Secret
    method: str = ""
    ca: str = ""

    def document(self) -> dict[str, Any]:
        """As plain values; it holds the password."""
        return {
            "identity": self.identity,
            "password": str(self.password),
            "method": self.method,
            "ca": self.ca,
        }


@dataclass(frozen=True, slots=True)
class Fixed:
    """An address instead of a lease: with its prefix, the gateway's, and those of resolvers."""

    address: str
    gateway: str
    dns: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return {"address": self.address, "gateway": self.gateway, "dns": [*self.dns]}


@dataclass(frozen=True, slots=True)
class Access:
    """How a network is entered, besides by its name and password; each part may be left out.

    `security` is what the person said of a network that is not in the list; a `hidden` one is
    asked for by name.
    """

    security: str = ""
    hidden: bool = False
    user: Enterprise | None = None
    own: Fixed | None = None

    def __bool__(self) -> bool:
        return self != PLAIN

    def problems(self) -> dict[str, str]:
        """What is wrong, in words, by the name of the part."""
        problems = {}
        if self.security and self.security not in SECURITIES:
            problems["security"] = f"one of {', '.join(SECURITIES)}"
        problems |= _user_problems(self.user) if self.user else {}
        return problems | (_address_problems(self.own) if self.own else {})

    def document(self) -> dict[str, Any]:
        """As plain values; it holds the user's password."""
        return {
            "security": self.security,
            "hidden": self.hidden,
            "user": self.user and self.user.document(),
            "own": self.own and self.own.document(),
        }


# A network that asks for nothing else.
PLAIN: Final = Access()


def read(values: Mapping[str, Any]) -> Access:
    """What `Access.document` gave."""
    user, own = values["user"], values["own"]
    return Access(
        values["security"],
        values["hidden"],
        user and Enterprise(**{**user, "password": Secret(user["password"])}),
        own and Fixed(**{**own, "dns": tuple(own["dns"])}),
    )


def fits(value: object) -> bool:
    """Whether it has the shape of `Access.document`."""
    return _is_object(
        value,
        security=_is_text,
        hidden=lambda each: isinstance(each, bool),
        user=lambda each: each is None or _is_object(each, **dict.fromkeys(_USER, _is_text)),
        own=lambda each: each is None or _is_object(each, **_OWN),
    )


def _is_object(value: object, **members: Callable[[object], bool]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == members.keys()
        and all(is_so(value[name]) for name, is_so in members.items())
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


_USER: Final = ("identity", "password", "method", "ca")
_OWN: Final[Mapping[str, Callable[[object], bool]]] = {
    "address": _is_text,
    "gateway": _is_text,
    "dns": lambda value: isinstance(value, list) and all(map(_is_text, value)),
}


def _user_problems(user: Enterprise) -> dict[str, str]:
    """What is wrong with a user, by the name of the part."""
    problems = {}
    if not _fits(user.identity, MOST_IDENTITY):
        problems["identity"] = f"1 to {MOST_IDENTITY} bytes, no control characters"
    if not _fits(user.password, MOST_PASSWORD):
        problems["password"] = f"1 to {MOST_PASSWORD} bytes, no control characters"
    if user.method and user.method not in METHODS:
        problems["method"] = f"one of {', '.join(METHODS)}"
    if user.ca and not is_pem(user.ca):
        problems["ca"] = f"certificates in PEM, up to {MOST_CA:,} bytes"
    return problems


def _address_problems(own: Fixed) -> dict[str, str]:
    """What is wrong with a fixed address, by the name of the part."""
    problems = {}
    address, gateway = _interface(own.address), _host(own.gateway)
    if address is None:
        problems["address"] = "an address with its prefix, such as 192.168.1.50/24"
    ends = {address.network.network_address, address.network.broadcast_address, address.ip} \
        if address else set()  # fmt: skip
    if gateway is None or (address and (gateway not in address.network or gateway in ends)):
        problems["gateway"] = "the router's address, in the network of the address"
    if len(own.dns) > MOST_DNS or None in map(_host, own.dns):
        problems["dns"] = f"up to {MOST_DNS} addresses"
    return problems


def is_pem(text: str) -> bool:
    """Whether it is certificates in PEM (RFC 7468), with whatever words around them."""
    whole = text.isascii() and len(text) <= MOST_CA
    body = r"-----BEGIN CERTIFICATE-----\s+[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----"
    return whole and 0 < len(re.findall(body, text)) == text.count("-----BEGIN")


def _interface(text: str) -> ipaddress.IPv4Interface | None:
    try:
        found = ipaddress.IPv4Interface(text) if "/" in text else None
    except ValueError:
        return None
    # /8 to /30: larger there is none, smaller has no room for a router.
    if found is None or not 8 <= found.network.prefixlen <= 30:  # noqa: PLR2004 - see above
        return None
    ends = {found.network.network_address, found.network.broadcast_address}
    return found if _is_host(found.ip) and found.ip not in ends else None


def _host(text: str) -> ipaddress.IPv4Address | None:
    try:
        found = ipaddress.IPv4Address(text)
    except ValueError:
        return None
    return found if _is_host(found) else None


def _is_host(ip: ipaddress.IPv4Address) -> bool:
    # 0.0.0.0/8 is "this network" and 240.0.0.0/4 reserved (RFC 6890).
    return not (ip.is_loopback or ip.is_multicast or ip.is_reserved or ip.packed[0] == 0)


def _fits(text: str, most: int) -> bool:
    clean = _is_text(text) and not re.search(r"[\x00-\x1f\x7f]", text)
    return clean and 1 <= len(text.encode()) <= most
