"""The settings: one TOML document, read once into frozen dataclasses.

Every default of the appliance stands in this module; what a value may be stands in
`hotspot.values`. Nothing here does input or output: a process reads the file and hands its text
to `parse`, which either returns `Settings` or raises `Invalid` with *every* problem found, each
one line naming file, key, value and what is allowed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, Any, Final

from hotspot import values, writing
from hotspot.reading import Invalid, Problem, Reading, shape, shown
from hotspot.values import CHANNELS_2GHZ, CHANNELS_5GHZ, NotAllowed, Secret, Security

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "CHANNELS_2GHZ",
    "CHANNELS_5GHZ",
    "DEFAULT_FILE",
    "DEFAULT_RUNTIME",
    "DEFAULT_STATE",
    "KEEP",
    "Delivery",
    "Dns",
    "Invalid",
    "Network",
    "Portal",
    "Problem",
    "Provisioning",
    "Radio",
    "Secret",
    "Security",
    "Settings",
    "from_mapping",
    "parse",
    "render",
    "show",
]

DEFAULT_FILE: Final = "/etc/vestibule/config.toml"
DEFAULT_STATE: Final = "/var/lib/vestibule"
DEFAULT_RUNTIME: Final = "/run/vestibule"

# Shared address space (RFC 6598): neither RFC 1918, which Android may take for "no Internet",
# nor public, for which browsers insist on HTTPS.
_ADDRESS: Final = IPv4Interface("100.64.64.1/22")


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

    address: IPv4Interface = _ADDRESS
    lease: int = 600


@dataclass(frozen=True, slots=True)
class Portal:
    """The web side. `threads` answer pages and the API.

    With `name` and the paths of a `certificate` (PEM, with its chain) and its `key` there is TLS
    too, and the API of RFC 8908; without, all three are `None`.
    """

    threads: int = 8
    name: str | None = None
    certificate: str | None = None
    key: str | None = None

    @property
    def site(self) -> str:
        """The portal's URL by name, "" without TLS."""
        return f"https://{self.name}/" if self.name else ""

    @property
    def api(self) -> str:
        """The URL of the captive portal API (RFC 8908), "" without TLS."""
        return f"{self.site}captive-portal/api" if self.name else ""


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


# Every table of the file and its keys; the names are those of the dataclasses above.
_SECTIONS: Final[Mapping[str, Mapping[str, Callable[[object], Any]]]] = {
    "radio": {
        "country": values.country,
        "interface": values.interface,
        "ssid": values.ssid,
        "passphrase": values.passphrase,
        "channel": values.channel,
        "security": values.security,
    },
    "network": {"address": values.address, "lease": values.lease},
    "portal": {
        "threads": values.integer(1, 64),
        "name": values.name,
        "certificate": values.directory,
        "key": values.directory,
    },
    "dns": {"ttl": values.integer(1, 60, " seconds")},
    "provisioning": {"joins": values.joins},
}

# The built-in backends and the options each takes.
_BACKENDS: Final[Mapping[str, Mapping[str, Callable[[object], Any]]]] = {
    "file": {"directory": values.directory}
}

# What a key that is left out comes to, where that is not a value.
_FOUND_LATER: Final = {
    "interface": "the first adapter that can be an access point",
    "ssid": '"Vestibule-" and four letters of this device\'s own',
    "passphrase": "made at first start, kept in the state directory",
    "name": "none, so no TLS and no captive portal API",
    "certificate": "none",
    "key": "none",
}

# The keys of [portal] that go together.
_TLS: Final = ("name", "certificate", "key")

# Eight characters no passphrase may have: a shown file that is fed back is refused.
_MASK: Final = "•" * 8


def parse(text: str, *, file: str) -> Settings:
    """Settings from the text of a TOML document; `file` names it in problems.

    Raises `Invalid`.
    """
    # Imported here: a process that is handed its settings ready-made does not pay for it.
    import tomllib  # noqa: PLC0415 - see above

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid((Problem(file, "(the file)", "not TOML", str(error)),)) from None
    except (ValueError, RecursionError):  # a number of 5,000 digits; 1,000 brackets
        raise Invalid((Problem(file, "(the file)", "not TOML", _NO_BOUNDS),)) from None
    return from_mapping(document, file=file)


_NO_BOUNDS: Final = "no number over 4,300 digits, no nesting of hundreds"


def from_mapping(document: Mapping[str, Any], *, file: str = "settings") -> Settings:
    """Settings from a parsed TOML document. Raises `Invalid`."""
    reading = Reading(file, _SECTIONS)
    found = {name: reading.section(document, name) for name in _SECTIONS}
    deliveries = _deliveries(reading, document.get("delivery", {}))
    reading.unknown("", document, [*_SECTIONS, "delivery"])
    _check_together(reading, document, found["radio"])
    reading.raise_problems()
    return Settings(
        radio=Radio(**found["radio"]),
        network=Network(**found["network"]),
        portal=Portal(**found["portal"]),
        dns=Dns(**found["dns"]),
        provisioning=Provisioning(**found["provisioning"]),
        deliveries=deliveries or (KEEP,),
    )


def _check_together(reading: Reading, document: Mapping[str, Any], radio: dict[str, Any]) -> None:
    """What one key asks of another."""
    table = document.get("radio", {})
    if isinstance(table, dict) and "country" not in table:
        reading.refuse("radio.country", "missing", values.COUNTRY)
    portal = document.get("portal", {})
    given = [key for key in _TLS if key in portal] if isinstance(portal, dict) else []
    if given and len(given) < len(_TLS):
        reading.refuse(f"portal.{given[0]}", "given alone", values.NAME_TOGETHER)
    security, passphrase = radio.get("security", Security.WPA2), radio.get("passphrase")
    if passphrase is None:
        return
    if security is Security.OPEN:
        allowed = 'left out with security = "open", which nothing protects'
        reading.refuse("radio.passphrase", shown("passphrase", passphrase), allowed)
    if security in values.SAE and "|" in passphrase:
        reading.refuse("radio.passphrase", shown("passphrase", passphrase), values.SAE_KEY)


def _deliveries(reading: Reading, tables: object) -> tuple[Delivery, ...]:
    if not isinstance(tables, dict):
        allowed = "tables: write [delivery.NAME] and its keys below"
        reading.refuse("delivery", shape(tables), allowed)
        return ()
    return tuple(filter(None, (_delivery(reading, name, tables[name]) for name in tables)))


def _delivery(reading: Reading, name: str, table: object) -> Delivery | None:
    key = f"delivery.{name}"
    try:
        values.delivery(name)
    except NotAllowed as error:
        reading.refuse(key, "a delivery", str(error))
    if not isinstance(table, dict):
        reading.refuse(key, shape(table), f"a table: write [{key}] and its keys below")
        return None
    backend = table.get("backend")
    if not isinstance(backend, str) or backend not in _BACKENDS:
        found = "missing" if backend is None else shown("backend", backend)
        reading.refuse(f"{key}.backend", found, values.one_of(_BACKENDS))
        return None
    own = {option: table[option] for option in table if option != "backend"}
    return Delivery(name, backend, reading.table(key, own, _BACKENDS[backend]))


def show(settings: Settings) -> dict[str, dict[str, Any]]:
    """The settings as the file would have them, by table; secrets masked, for people and JSON.

    A value that is only found at start is `None`.
    """
    tables = {name: asdict(getattr(settings, name)) for name in _SECTIONS}
    radio, network = tables["radio"], tables["network"]
    radio["ssid"] = None if settings.radio.ssid is None else settings.radio.ssid.decode()
    radio["passphrase"] = None if settings.radio.passphrase is None else _MASK
    radio["channel"] = settings.radio.channel or "auto"
    radio["security"] = settings.radio.security.value
    network["address"] = str(settings.network.address)
    for delivery in settings.deliveries:
        tables[f"delivery.{delivery.name}"] = {"backend": delivery.backend, **delivery.options}
    return tables


def render(settings: Settings) -> str:
    """The settings as a TOML document: defaults marked as such, secrets masked."""
    defaults = show(Settings(radio=Radio(country="")))
    tables = show(settings).items()
    return "\n".join(_table(name, table, defaults.get(name, {})) for name, table in tables)


def _table(name: str, table: dict[str, Any], defaults: dict[str, Any]) -> str:
    lines = (
        _line(key, value, is_default=value == defaults.get(key)) for key, value in table.items()
    )
    return f"[{name}]\n" + "".join(f"{line}\n" for line in lines)


def _line(key: str, value: object, *, is_default: bool) -> str:
    if value is None:
        return f"# {key}: {_FOUND_LATER[key]}"
    comment = "  # default" if is_default else "  # set, not shown" if value == _MASK else ""
    return f"{key} = {writing.literal(value)}{comment}"
