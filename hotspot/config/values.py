"""What a value may be: one function per kind, used by the settings and by every renderer.

Each takes a value as it came (from TOML, a file, a command line) and gives the value we keep,
or raises `NotAllowed` with what is allowed. No refusal repeats the value: it may be a secret.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Reader = Callable[[object], object]

CHANNELS_2GHZ: Final = tuple(range(1, 14))
CHANNELS_5GHZ: Final = (*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4))

# IEEE 802.11-2020 9.4.2.2: 0 to 32 octets; zero means "hidden" on the air.
SSID_BYTES: Final = 32
# From four usable addresses to dnsmasq's own bound on one pool (dhcp-range, /16).
PREFIX_LEAST: Final = 16
PREFIX_MOST: Final = 29
# sockaddr_un has 107 bytes before its NUL (unix(7)). hostapd puts "/hostapd/" and an interface
# name of 15 below the runtime directory; what is left over is margin.
DIRECTORY_BYTES: Final = 80

COUNTRY: Final = "the two capital letters of the country it is used in, such as DE"
INTERFACE: Final = "a network interface name of up to 15 letters, digits, - _ or ., such as wlan0"
SSID: Final = f"text of 1 to {SSID_BYTES} bytes in UTF-8"
WPA_KEY: Final = "8 to 63 printable ASCII characters, no space at either end"
# hostapd reads "|mac=", "|id=" and the like in an SAE password as options (config_file.c,
# `parse_sae_password`); all of "|" is left out, so that nobody has to know which.
SAE_KEY: Final = "no | with WPA3"
CHANNEL: Final = '"auto", 1 to 13, or a 5 GHz channel such as 36'
ADDRESS: Final = (
    f"a host address with its network, /{PREFIX_LEAST} to /{PREFIX_MOST}, such as 100.64.64.1/22"
)
DELIVERY: Final = "a name of 1 to 32 letters a to z, digits, - and _, a letter first"
DIRECTORY: Final = "an absolute path"
# Option 114 holds 255 bytes (RFC 8910 2.1), of which 27 are `https://` and the API's path.
NAME_BYTES: Final = 228
NAME: Final = (
    "a host name with a dot, such as setup.example.com: letters, digits and - between dots, "
    f"no address, at most {NAME_BYTES} characters"
)
NAME_TOGETHER: Final = "name, certificate and key all three, or none of them"
PLAIN_DIRECTORY: Final = (
    f"an absolute path of at most {DIRECTORY_BYTES} letters, digits, / - _ and ."
)


class NotAllowed(Exception):  # noqa: N818 - an answer to a value, not a crash
    """A value was refused; the text says what is allowed, never what was found."""


class Secret(str):
    """A string that does not show itself in a repr, and so in no traceback or log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<secret of {len(self)} characters>"


class Security(enum.StrEnum):
    """How stations prove themselves to the access point."""

    WPA2 = "wpa2"
    WPA2_WPA3 = "wpa2-wpa3"
    WPA3 = "wpa3"
    OPEN = "open"


# The modes that prove knowledge of the password itself (Simultaneous Authentication of Equals).
SAE: Final = frozenset({Security.WPA3, Security.WPA2_WPA3})


def one_of(names: Iterable[str]) -> str:
    """The sentence that lists what may stand here."""
    return "one of " + ", ".join(names)


def listed(names: Iterable[str]) -> str:
    """Names in a sentence that says what something is for."""
    return " and ".join(names)


def country(value: object) -> str:
    """An ISO 3166-1 alpha-2 code, as the regulatory database knows it."""
    if isinstance(value, str) and re.fullmatch("[A-Z]{2}", value):
        return value
    raise NotAllowed(COUNTRY)


def interface(value: object) -> str:
    """A network interface name: IFNAMSIZ is 16 with its NUL (linux/if.h).

    Stricter than the kernel, so that no generated file ever needs quoting, and without
    dnsmasq's wildcard `*`.
    """
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", value):
        return value
    raise NotAllowed(INTERFACE)


def ssid(value: object) -> bytes:
    """A network name given as text: its UTF-8 bytes."""
    if isinstance(value, str):
        try:
            return ssid_bytes(value.encode())
        except UnicodeEncodeError:  # a lone surrogate: no TOML has one, a JSON file may
            pass
    raise NotAllowed(SSID)


def ssid_bytes(value: bytes) -> bytes:
    """A network name as it is on the air: any bytes, but not none."""
    if 1 <= len(value) <= SSID_BYTES:
        return value
    raise NotAllowed(SSID)


def passphrase(value: object) -> Secret:
    """A WPA passphrase, IEEE 802.11-2020 J.4.1: 8 to 63 characters, each from 32 to 126.

    No blank at either end: nobody sees it on a label, and phones trim it.
    """
    if isinstance(value, str) and re.fullmatch("[!-~][ -~]{6,61}[!-~]", value):
        return Secret(value)
    raise NotAllowed(WPA_KEY)


def channel(value: object) -> int | None:
    """A 20 MHz channel number; `None` for "auto"."""
    if value == "auto":
        return None
    if type(value) is int and value in (*CHANNELS_2GHZ, *CHANNELS_5GHZ):
        return value
    raise NotAllowed(CHANNEL)


def security(value: object) -> Security:
    """A member of `Security` by its name in the settings."""
    if isinstance(value, str) and value in list(Security):
        return Security(value)
    raise NotAllowed(one_of(Security))


def address(value: object) -> ipaddress.IPv4Interface:
    """The access point's own address with its network."""
    try:
        found = ipaddress.IPv4Interface(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not _is_host(found):
        raise NotAllowed(ADDRESS)
    return found


def _is_host(found: ipaddress.IPv4Interface) -> bool:
    ip, network = found.ip, found.network
    # 0.0.0.0/8 is "this network" and 240.0.0.0/4 reserved (RFC 6890): no host lives there.
    special = ip.is_loopback or ip.is_multicast or ip.is_reserved or ip.packed[0] == 0
    inside = ip not in {network.network_address, network.broadcast_address}
    return PREFIX_LEAST <= network.prefixlen <= PREFIX_MOST and inside and not special


def integer(least: int, most: int, unit: str = "") -> Callable[[object], int]:
    """A reader of whole numbers between two bounds, both allowed."""

    def read(value: object) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise NotAllowed(f"a whole number from {least} to {most}{unit}")

    return read


_DAY: Final = 86_400

# Two minutes is dnsmasq's own least lease.
lease: Final = integer(120, _DAY, " seconds")


def switch(value: object) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    raise NotAllowed("true or false")


def word(*words: str) -> Callable[[object], str]:
    """A reader of one of some words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise NotAllowed(one_of(words))

    return read


def seconds_or(never: str, least: int) -> Callable[[object], int | None]:
    """A reader of seconds, at most a day, or of the word that stands for `None`."""

    def read(value: object) -> int | None:
        if value == never:
            return None
        if type(value) is int and least <= value <= _DAY:
            return value
        raise NotAllowed(f'a whole number from {least} to {_DAY} seconds, or "{never}"')

    return read


def gpio_line(value: object) -> str:
    """A GPIO line's name: linux/gpio.h gives it 32 bytes with the zero at its end."""
    if isinstance(value, str) and re.fullmatch("[!-~]{1,31}", value):
        return value
    raise NotAllowed('a GPIO line as the board names it, such as "GPIO17"')


def delivery(value: str) -> str:
    """What a person calls one of the places the records go to."""
    if re.fullmatch("[a-z][a-z0-9_-]{0,31}", value):
        return value
    raise NotAllowed(DELIVERY)


def directory(value: object) -> str:
    """An absolute path that fits on one line."""
    if isinstance(value, str) and value.startswith("/") and value.isprintable():
        return value
    raise NotAllowed(DIRECTORY)


def name(value: object) -> str:
    """A DNS host name in small letters (RFC 1123 2.1), of at least two labels.

    The last one begins with a letter (RFC 3696 2), so no address passes for a name.
    """
    label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    if isinstance(value, str) and len(value) <= NAME_BYTES:
        small = value.lower()
        if small.isascii() and re.fullmatch(rf"(?:{label}\.)+(?=[a-z]){label}", small):
            return small
    raise NotAllowed(NAME)


def plain_directory(value: object) -> str:
    """A directory whose name can stand in any configuration file, and hold a Unix socket."""
    fits = isinstance(value, str) and len(value) <= DIRECTORY_BYTES
    if fits and re.fullmatch("(/[A-Za-z0-9._-]+)+", str(value)):
        return str(value)
    raise NotAllowed(PLAIN_DIRECTORY)
