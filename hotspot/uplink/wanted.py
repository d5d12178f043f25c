"""The network to join, as somebody wants it: checked, or refused with the field that is wrong.

    {"ssid": "5a756861757365", "passphrase": "an island in the sun"}

Names are bytes in hex, everything else is text. What the network really is, only the air says:
`security` is what the person saw or chose, and absent where nobody knows. No refusal repeats a
value, for it may be a secret.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from hotspot.air.elements import Protection
from hotspot.config.values import SSID_BYTES, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Method = Literal["peap", "ttls"]

# IEEE 802.11-2020 J.4.1 has 8 to 63; wpa_supplicant counts bytes (config.c, wpa_config_parse_psk).
_PASSPHRASE_BYTES: Final = range(8, 64)
# A password of SAE has no bounds of its own (12.4.3); access points take up to 128.
_SAE_BYTES: Final = range(1, 129)
_IDENTITY_BYTES: Final = range(1, 254)  # a network access identifier (RFC 7542 2.3)
_PASSWORD_BYTES: Final = range(1, 257)  # RFC 2759 4: MSCHAPv2 takes 256
_CERTIFICATES_BYTES: Final = 24_576
_MOST_RESOLVERS: Final = 3  # what a resolver's configuration holds (resolv.conf(5), MAXNS)
_PREFIXES: Final = range(8, 31)

_PEM: Final = re.compile(
    "-----BEGIN CERTIFICATE-----\\s+([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----"
)


class Unwanted(Exception):  # noqa: N818 - named for what the request is
    """The network cannot be wanted so: `field` is dotted, `what` says what is allowed."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what = what


@dataclass(frozen=True, slots=True)
class Fixed:
    """An address of our own choice instead of a lease."""

    address: ipaddress.IPv4Interface
    gateway: ipaddress.IPv4Address
    resolvers: tuple[ipaddress.IPv4Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A network by its bytes, and what proves us to it; `None` is what nobody gave.

    `hidden` networks are asked for by name. `certificates` (PEM) are those by which the
    network's own server is to be known.
    """

    ssid: bytes
    security: Protection | None = None
    hidden: bool = False
    passphrase: Secret | None = None
    identity: str | None = field(default=None, repr=False)
    password: Secret | None = None
    method: Method | None = None
    certificates: str | None = field(default=None, repr=False)
    address: Fixed | None = None


def read(document: object) -> Wanted:
    """The network of a request's "network" object. Raises `Unwanted`."""
    found = _table(document, _READERS, "network")
    if "ssid" not in found:
        raise Unwanted("network.ssid", "the network's name in hexadecimal")
    names = {"ca": "certificates"}
    wanted = Wanted(**{names.get(name, name): value for name, value in found.items()})
    _check_together(wanted)
    return wanted


def fits_wpa2(passphrase: str) -> bool:
    """Whether WPA2 can use it at all: a passphrase of 8 to 63 bytes, or the key itself in hex."""
    is_key = re.fullmatch("[0-9A-Fa-f]{64}", passphrase) is not None
    return is_key or len(passphrase.encode()) in _PASSPHRASE_BYTES


def _check_together(wanted: Wanted) -> None:
    """What the kind of network asks of the other fields."""
    security, passphrase = wanted.security, wanted.passphrase
    personal = security in {"wpa2", "wpa3", "wpa2-wpa3"}
    if personal and passphrase is None:
        raise Unwanted("network.passphrase", "needed for a network with a password")
    if security in {"open", "owe"} and passphrase is not None:
        raise Unwanted("network.passphrase", "left out for a network without a password")
    if security == "wpa2" and passphrase is not None and not fits_wpa2(passphrase):
        raise Unwanted("network.passphrase", "8 to 63 bytes, or 64 hexadecimal digits")
    if wanted.password is not None and wanted.identity is None:
        raise Unwanted("network.identity", "needed with a password of a user")


def _table(value: object, readers: Mapping[str, Callable[[object], Any]], at: str) -> Any:  # noqa: ANN401 - what the readers give
    """The members of an object, each by its reader; null is as good as not there."""
    if not isinstance(value, dict):
        raise Unwanted(at, "an object")
    for name in value.keys() - readers.keys():
        shown = name if isinstance(name, str) and re.fullmatch("[a-z_]{1,32}", name) else "?"
        raise Unwanted(f"{at}.{shown}", f"not known; there are {', '.join(readers)}")
    found = {}
    for name, given in value.items():
        if given is not None:
            try:
                found[name] = readers[name](given)
            except _No as no:
                raise Unwanted(f"{at}.{name}", str(no)) from None
    return found


class _No(Exception):  # noqa: N818 - an answer to a value
    """What is allowed instead."""


def _ssid(value: object) -> bytes:
    if isinstance(value, str) and re.fullmatch(f"(?:[0-9a-fA-F]{{2}}){{1,{SSID_BYTES}}}", value):
        return bytes.fromhex(value)
    raise _No(f"1 to {SSID_BYTES} bytes in hexadecimal")


def _text(bounds: range) -> Callable[[object], str]:
    """A reader of text without control characters, its UTF-8 within `bounds`."""

    def read(value: object) -> str:
        whole = isinstance(value, str) and not re.search("[\x00-\x1f\x7f\ud800-\udfff]", value)
        if whole and len(str(value).encode()) in bounds:
            return str(value)
        raise _No(f"text of {bounds[0]} to {bounds[-1]} bytes in UTF-8, no control characters")

    return read


def _secret(bounds: range) -> Callable[[object], Secret]:
    text = _text(bounds)
    return lambda value: Secret(text(value))


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _No("true or false")


def _word(*words: str) -> Callable[[object], Any]:
    def read(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise _No("one of " + ", ".join(words))

    return read


def _certificates(value: object) -> str:
    """The certificates alone, one after the other: tools write words between them."""
    if isinstance(value, str) and len(value) <= _CERTIFICATES_BYTES:
        found = [_certificate(one) for one in _PEM.findall(value)]
        if found and len(found) == value.count("-----BEGIN"):
            return "".join(found)
    raise _No(f"certificates in PEM, up to {_CERTIFICATES_BYTES:,} bytes")


def _certificate(text: str) -> str:
    try:
        octets = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise _No("certificates in PEM: one of them is damaged") from None
    lines = base64.encodebytes(octets).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"


def _interface(value: object) -> ipaddress.IPv4Interface:
    try:
        found = ipaddress.IPv4Interface(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.network.prefixlen not in _PREFIXES or not _is_host(found.ip):
        raise _No(f"an address with its prefix, /{_PREFIXES[0]} to /{_PREFIXES[-1]}")
    if found.ip in {found.network.network_address, found.network.broadcast_address}:
        raise _No("an address of a host, neither the first nor the last of its network")
    return found


def _host(value: object) -> ipaddress.IPv4Address:
    try:
        found = ipaddress.IPv4Address(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not _is_host(found):
        raise _No("an IPv4 address of a host")
    return found


def _is_host(ip: ipaddress.IPv4Address) -> bool:
    # 0.0.0.0/8 is "this network" and 240.0.0.0/4 reserved (RFC 6890).
    return not (ip.is_loopback or ip.is_multicast or ip.is_reserved or ip.packed[0] == 0)


def _hosts(value: object) -> tuple[ipaddress.IPv4Address, ...]:
    if isinstance(value, list) and len(value) <= _MOST_RESOLVERS:
        return tuple(map(_host, value))
    raise _No(f"a list of up to {_MOST_RESOLVERS} addresses")


def _fixed(value: object) -> Fixed:
    found = _table(value, _FIXED, "network.address")
    missing = {"address", "gateway"} - found.keys()
    if missing:
        raise Unwanted(f"network.address.{min(missing)}", "needed for a fixed address")
    address, gateway = found["address"], found["gateway"]
    inside = gateway in address.network and gateway != address.ip
    if not inside or gateway in {
        address.network.network_address,
        address.network.broadcast_address,
    }:
        raise Unwanted("network.address.gateway", "another host of the address's own network")
    return Fixed(address, gateway, found.get("dns", ()))


_FIXED: Final[Mapping[str, Callable[[object], Any]]] = {
    "address": _interface,
    "gateway": _host,
    "dns": _hosts,
}
_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "ssid": _ssid,
    "security": _word(*get_args(Protection)),
    "hidden": _switch,
    "passphrase": _secret(_SAE_BYTES),
    "identity": _text(_IDENTITY_BYTES),
    "password": _secret(_PASSWORD_BYTES),
    "method": _word(*get_args(Method)),
    "ca": _certificates,
    "address": _fixed,
}
