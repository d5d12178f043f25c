"""The settings: one TOML document, read once into frozen dataclasses.

Every default of the appliance stands in this module. Nothing here does input or output:
a process reads the file and hands its text to `parse`, which either returns `Settings`
or raises `Invalid` with *every* problem found, each one line naming file, key, value and
what is allowed.
"""

from __future__ import annotations

import dataclasses
import difflib
import enum
import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

DEFAULT_FILE: Final = "/etc/vestibule/config.toml"
DEFAULT_STATE: Final = "/var/lib/vestibule"
DEFAULT_RUNTIME: Final = "/run/vestibule"

CHANNELS_2GHZ: Final = tuple(range(1, 14))
CHANNELS_5GHZ: Final = (*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4))


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


@dataclass(frozen=True, slots=True)
class Radio:
    """The access point. `None` stands for what is found or made at first start."""

    country: str
    interface: str | None = None
    ssid: bytes | None = None
    passphrase: Secret | None = None
    channel: int | None = None
    security: Security = Security.WPA2


@dataclass(frozen=True, slots=True)
class Network:
    """The access point's own IPv4 network; `lease` in seconds."""

    # Shared address space (RFC 6598): neither RFC 1918, which Android may take for
    # "no Internet", nor public, for which browsers insist on HTTPS.
    address: ipaddress.IPv4Interface = ipaddress.IPv4Interface("100.64.64.1/22")
    lease: int = 600


@dataclass(frozen=True, slots=True)
class Portal:
    """The web side. `threads` answer pages and the API."""

    threads: int = 8


@dataclass(frozen=True, slots=True)
class Dns:
    """The resolver. `ttl` in seconds: short, so that a phone forgets us when it leaves."""

    ttl: int = 10


@dataclass(frozen=True, slots=True)
class Provisioning:
    """What becomes of the answers."""

    joins: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One place the records go to. `options` are the backend's own, already checked."""

    name: str
    backend: str
    options: Mapping[str, Any] = field(default_factory=dict)


# Without any [delivery.*] the records are kept as files below the state directory
# (a missing `directory` means its folder `delivered`).
KEEP: Final = Delivery("keep", "file")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a person can decide, with defaults for the rest."""

    radio: Radio
    network: Network = Network()
    portal: Portal = Portal()
    dns: Dns = Dns()
    provisioning: Provisioning = Provisioning()
    deliveries: tuple[Delivery, ...] = (KEEP,)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a settings file: `key` is dotted, `found` is shown as written."""

    file: str
    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key} = {self.found}: {self.allowed}"


class Invalid(Exception):  # noqa: N818 - named for what the file is
    """The settings cannot be used; `problems` holds every reason, in the file's order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class _NotAllowed(Exception):  # noqa: N818 - carried from a reader to _Problems, never further
    """A value was refused; the text says what is allowed."""


Reader = Callable[[Any], Any]


def parse(text: str, *, file: str) -> Settings:
    """Settings from the text of a TOML document; `file` names it in problems.

    Raises `Invalid`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid((Problem(file, "(the file)", "not TOML", str(error)),)) from None
    return from_mapping(document, file=file)


def from_mapping(document: Mapping[str, Any], *, file: str = "settings") -> Settings:
    """Settings from a parsed TOML document. Raises `Invalid`."""
    reading = _Reading(file)
    values = {name: reading.section(document, name, keys) for name, keys in _SECTIONS.items()}
    deliveries = reading.deliveries(document.get("delivery", {}))
    reading.unknown("", document, [*_SECTIONS, "delivery"])
    if "country" not in document.get("radio", {}):
        reading.refuse("radio.country", None, _COUNTRY)
    reading.raise_problems()
    settings = Settings(
        radio=Radio(**values["radio"]),
        network=Network(**values["network"]),
        portal=Portal(**values["portal"]),
        dns=Dns(**values["dns"]),
        provisioning=Provisioning(**values["provisioning"]),
        deliveries=deliveries or (KEEP,),
    )
    reading.agree(settings)
    reading.raise_problems()
    return settings


class _Reading:
    """One pass over a document, gathering problems instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []

    def section(
        self, document: Mapping[str, Any], name: str, keys: Mapping[str, Reader]
    ) -> dict[str, Any]:
        table = document.get(name, {})
        if not isinstance(table, dict):
            self.refuse(name, table, f"a table: write [{name}] and its keys below")
            return {}
        self.unknown(f"{name}.", table, list(keys))
        return self._read(f"{name}.", table, keys)

    def deliveries(self, tables: object) -> tuple[Delivery, ...]:
        if not isinstance(tables, dict):
            self.refuse("delivery", tables, "tables: write [delivery.NAME] and its keys below")
            return ()
        return tuple(filter(None, (self._delivery(name, tables[name]) for name in tables)))

    def _delivery(self, name: str, table: object) -> Delivery | None:
        prefix = f"delivery.{name}"
        if not isinstance(table, dict) or not isinstance(table.get("backend"), str):
            self.refuse(f"{prefix}.backend", None, _one_of(_BACKENDS))
            return None
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", name):
            self.refuse(prefix, name, "a name of 1 to 32 letters a to z, digits, - and _")
        backend = table["backend"]
        options = _BACKENDS.get(backend)
        if options is None:
            self.refuse(f"{prefix}.backend", backend, _one_of(_BACKENDS))
            return None
        self.unknown(f"{prefix}.", table, ["backend", *options])
        return Delivery(name, backend, self._read(f"{prefix}.", table, options))

    def _read(
        self, prefix: str, table: Mapping[str, Any], keys: Mapping[str, Reader]
    ) -> dict[str, Any]:
        values = {}
        for key, reader in keys.items():
            if key not in table:
                continue
            try:
                values[key] = reader(table[key])
            except _NotAllowed as error:
                self.refuse(prefix + key, table[key], str(error))
        return {key: value for key, value in values.items() if value is not None}

    def unknown(self, prefix: str, table: Mapping[str, Any], known: list[str]) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                advice = f"did you mean {prefix}{near[0]}?" if near else _one_of(known)
                self.refuse(prefix + key, table[key], f"unknown key; {advice}")

    def agree(self, settings: Settings) -> None:
        """What two keys must have in common."""
        radio = settings.radio
        if radio.security in {Security.WPA3, Security.WPA2_WPA3} and "|" in (radio.passphrase or ""):
            # hostapd reads "|" in an SAE password as the start of an option.
            self.refuse("radio.passphrase", radio.passphrase, "no | with WPA3")

    def refuse(self, key: str, value: object, allowed: str) -> None:
        found = "missing" if value is None else _shown(key, value)
        self._problems.append(Problem(self._file, key, found, allowed))

    def raise_problems(self) -> None:
        if self._problems:
            raise Invalid(tuple(self._problems))


def _shown(key: str, value: object) -> str:
    """A value as a person may see it: short, on one line, and never a secret."""
    if isinstance(value, str) and key.endswith("passphrase"):
        return f"(hidden, {len(value)} characters)"
    if isinstance(value, dict):
        return "(a table)"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN: Final = 60


def _one_of(names: object) -> str:
    return "one of " + ", ".join(names)  # type: ignore[call-overload,no-any-return]


# --- readers: a value as TOML gives it -> the value we keep, or _NotAllowed ---------------

_COUNTRY: Final = "the two capital letters of the country it is used in, such as DE"
_INTERFACE: Final = 'a network interface name of up to 15 characters, such as "wlan0"'
_SSID: Final = "text of 1 to 32 bytes in UTF-8"
_PASSPHRASE: Final = "8 to 63 printable ASCII characters, no space at either end"
_CHANNEL: Final = '"auto", 1 to 13, or a 5 GHz channel such as 36'
_ADDRESS: Final = "a host address with its network, /16 to /29, such as 100.64.64.1/22"
_DIRECTORY: Final = "an absolute path"


def _country(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z]{2}", value):
        return value
    raise _NotAllowed(_COUNTRY)


def _interface(value: object) -> str:
    # IFNAMSIZ is 16 with the closing NUL (linux/if.h); "/" and blanks are refused by the kernel,
    # and the rest keeps generated configuration files free of anything that needs quoting.
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,15}", value) and value[0] not in ".-":
        return value
    raise _NotAllowed(_INTERFACE)


def _ssid(value: object) -> bytes:
    # IEEE 802.11-2020 9.4.2.2: 0 to 32 octets; zero means "hidden" on the air.
    if isinstance(value, str) and 1 <= len(value.encode("utf-8", "surrogatepass")) <= 32:
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError:
            pass
    raise _NotAllowed(_SSID)


def _passphrase(value: object) -> Secret:
    # IEEE 802.11-2020 J.4.1: 8 to 63 characters, each from 32 to 126.
    if isinstance(value, str) and re.fullmatch(r"[!-~][ -~]{6,61}[!-~]", value):
        return Secret(value)
    raise _NotAllowed(_PASSPHRASE)


def _channel(value: object) -> int | None:
    if value == "auto":
        return None
    if type(value) is int and value in (*CHANNELS_2GHZ, *CHANNELS_5GHZ):
        return value
    raise _NotAllowed(_CHANNEL)


def _security(value: object) -> Security:
    try:
        return Security(value)  # type: ignore[arg-type]
    except ValueError:
        raise _NotAllowed(_one_of(Security)) from None


def _address(value: object) -> ipaddress.IPv4Interface:
    try:
        address = ipaddress.IPv4Interface(value) if isinstance(value, str) else None
    except ValueError:
        address = None
    if address is None or not _is_host(address):
        raise _NotAllowed(_ADDRESS)
    return address


def _is_host(address: ipaddress.IPv4Interface) -> bool:
    network = address.network
    reserved = address.ip.is_loopback or address.ip.is_multicast or address.ip.is_unspecified
    inside = address.ip not in {network.network_address, network.broadcast_address}
    return 16 <= network.prefixlen <= 29 and inside and not reserved


def _integer(least: int, most: int, unit: str) -> Reader:
    def read(value: object) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise _NotAllowed(f"a whole number from {least} to {most}{unit}")

    return read


def _joins(value: object) -> bool:
    if value is False:
        return value
    raise _NotAllowed("false: this version hands the answers on and joins no network itself yet")


def _directory(value: object) -> str:
    if isinstance(value, str) and value.startswith("/") and value.isprintable():
        return value
    raise _NotAllowed(_DIRECTORY)


_SECTIONS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "radio": {
        "country": _country,
        "interface": _interface,
        "ssid": _ssid,
        "passphrase": _passphrase,
        "channel": _channel,
        "security": _security,
    },
    # Two minutes is dnsmasq's own least lease.
    "network": {"address": _address, "lease": _integer(120, 86_400, " seconds")},
    "portal": {"threads": _integer(1, 64, "")},
    "dns": {"ttl": _integer(1, 60, " seconds")},
    "provisioning": {"joins": _joins},
}

# The built-in backends and the options each takes.
_BACKENDS: Final[Mapping[str, Mapping[str, Reader]]] = {"file": {"directory": _directory}}


def show(settings: Settings) -> dict[str, dict[str, Any]]:
    """The settings as plain values in the file's own shape, secrets masked, for people."""
    sections = {
        name: dataclasses.asdict(getattr(settings, name))
        for name in ("radio", "network", "portal", "dns", "provisioning")
    }
    for delivery in settings.deliveries:
        sections[f"delivery.{delivery.name}"] = {"backend": delivery.backend, **delivery.options}
    return sections
