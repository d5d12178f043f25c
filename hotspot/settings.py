"""The settings: one TOML document, read once into frozen dataclasses.

Every default of the appliance stands in this module; in `hotspot.config`, what a value may be
(`values`), what the form may ask (`fields`), where answers go (`deliveries`), and how settings are
written out again (`showing`). Nothing here does input or output: a process reads the file and
hands its text to `parse`, which either returns `Settings` or raises `Invalid` with *every* problem
found, each one line naming file, key, value and what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import bench, deliveries, fields, listening, texts, values
from hotspot.config.bench import Bench
from hotspot.config.deliveries import KEEP, Delivery
from hotspot.config.fields import Choice, Field
from hotspot.config.listening import Metrics
from hotspot.config.reading import Invalid, Problem, Reading, shown
from hotspot.config.values import CHANNELS_2GHZ, CHANNELS_5GHZ, Secret, Security

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "CHANNELS_2GHZ",
    "CHANNELS_5GHZ",
    "DEFAULT_FILE",
    "DEFAULT_RUNTIME",
    "DEFAULT_STATE",
    "KEEP",
    "SECTIONS",
    "Bench",
    "Brand",
    "Choice",
    "Delivery",
    "Dns",
    "Field",
    "Home",
    "Invalid",
    "Metrics",
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
]

DEFAULT_FILE: Final = "/etc/vestibule/config.toml"
DEFAULT_STATE: Final = "/var/lib/vestibule"
DEFAULT_RUNTIME: Final = "/run/vestibule"

# Shared address space (RFC 6598): neither RFC 1918, which Android may take for "no Internet",
# nor public, for which browsers insist on HTTPS.
_ADDRESS: Final = IPv4Interface("100.64.64.1/22")


@dataclass(frozen=True, slots=True)
class Radio:
    """The access point. `None` stands for what is found or made at first start.

    `follow` is how the access point makes way for a home network on another channel. When that
    is joined, it stays for `linger` seconds more (`None`: for ever), and comes back when the
    home network has been gone for `return_after` seconds. `start` says what brings it up, and with
    nobody on it for `idle_off` seconds (`None`: however long) it goes. `button` is a GPIO line.
    """

    country: str
    interface: str | None = None
    ssid: bytes | None = None
    passphrase: Secret | None = None
    channel: int | None = None
    security: Security = Security.WPA2
    follow: str = "auto"
    linger: int | None = 60
    return_after: int = 300
    start: str = "unconfigured"
    idle_off: int | None = 900
    button: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The network this machine is to join: whether it must lead to the Internet, and who looks
    after its configuration here.
    """

    internet: str = "reported"
    owner: str = "auto"


@dataclass(frozen=True, slots=True)
class Network:
    """The access point's own IPv4 network; `lease` in seconds."""

    address: IPv4Interface = _ADDRESS
    lease: int = 600


@dataclass(frozen=True, slots=True)
class Portal:
    """The web side. `threads` answer pages and the API.

    With `name` and the paths of a `certificate` (PEM, with its chain) and its `key` there is TLS
    too, and the API of RFC 8908; without, all three are `None`. `mdns` announces the API.
    """

    threads: int = 8
    mdns: bool = False
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
    """What the form asks besides the network, and what becomes of the answers.

    The store holds `most_records` in `most_size` MiB; more are refused while those wait.
    """

    joins: bool = True
    fields: tuple[Field, ...] = ()
    most_records: int = 10_000
    most_size: int = 64


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose page it is. `logo` is the path of an SVG, `templates` a directory whose files come
    before ours; `support` is by language, "" for every other one.
    """

    name: str = "Vestibule"
    color: str | None = None
    logo: str | None = None
    support: Mapping[str, str] = field(default_factory=dict)
    templates: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a person can decide, with defaults for the rest."""

    radio: Radio
    network: Network = Network()
    home: Home = Home()
    portal: Portal = Portal()
    dns: Dns = Dns()
    provisioning: Provisioning = Provisioning()
    brand: Brand = field(default_factory=Brand)
    metrics: Metrics = field(default_factory=Metrics)
    bench: Bench = field(default_factory=Bench)
    deliveries: tuple[Delivery, ...] = (KEEP,)


# Every table of the file and its keys; the names are those of the dataclasses above. The tables
# below [provisioning.fields] and [delivery] have names of their own.
SECTIONS: Final[Mapping[str, Mapping[str, Callable[[object], Any]]]] = {
    "radio": {
        "country": values.country,
        "interface": values.interface,
        "ssid": values.ssid,
        "passphrase": values.passphrase,
        "channel": values.channel,
        "security": values.security,
        "follow": values.word("auto", "announce", "restart", "return"),
        "linger": values.seconds_or("forever", 0),
        "return_after": values.integer(30, 86_400, " seconds"),
        "start": values.word("always", "unconfigured", "button", "never"),
        "idle_off": values.seconds_or("never", 60),
        "button": values.gpio_line,
    },
    "network": {"address": values.address, "lease": values.lease},
    "home": {
        "internet": values.word("required", "reported", "skipped"),
        "owner": values.word("auto", "networkmanager", "wpa_supplicant"),
    },
    "portal": {
        "threads": values.integer(1, 64),
        "mdns": values.switch,
        "name": values.name,
        "certificate": values.directory,
        "key": values.directory,
    },
    "dns": {"ttl": values.integer(1, 60, " seconds")},
    "provisioning": {
        "joins": values.switch,
        "most_records": values.integer(10, 1_000_000),
        "most_size": values.integer(1, 4_096, " MiB"),
    },
    "brand": {
        "name": texts.line(40),
        "color": texts.color,
        "logo": values.directory,
        "support": texts.texts(200),
        "templates": values.directory,
    },
    "metrics": {"listen": listening.listener},
    "bench": bench.KEYS,
}

# The keys of [portal] that go together.
_TLS: Final = ("name", "certificate", "key")


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
    reading = Reading(file, SECTIONS)
    document, asked = fields.set_apart(document)
    found = {name: reading.section(document, name) for name in SECTIONS}
    questions = fields.read(reading, asked)
    places = deliveries.read(reading, document.get("delivery", {}))
    deliveries.check(reading, places, found["home"].get("owner", "auto"))
    reading.unknown("", document, [*SECTIONS, "delivery"])
    _check_together(reading, document, found["radio"])
    reading.raise_problems()
    return Settings(
        radio=Radio(**found["radio"]),
        network=Network(**found["network"]),
        home=Home(**found["home"]),
        portal=Portal(**found["portal"]),
        dns=Dns(**found["dns"]),
        provisioning=Provisioning(**found["provisioning"], fields=questions),
        brand=Brand(**found["brand"]),
        metrics=Metrics(**found["metrics"]),
        bench=Bench(**found["bench"]),
        deliveries=places or (KEEP,),
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
