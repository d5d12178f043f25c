"""wpa_supplicant's configuration file of one home network: a typed model in, ASCII out.

wpa_supplicant 2.10 cuts lines short at 1,998 bytes (measured), ends one at the first "#" outside
quotes, and reads a value as text only in quotes (config_file.c). So every value is a number, a
word of ours, or hex; the certificates stand in a block in base64.
"""

from __future__ import annotations

import base64
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot.config import values
from hotspot.config.values import NotAllowed, Secret
from hotspot.owner.port import Kept, protection
from hotspot.uplink import credentials
from hotspot.uplink.sighting import Able

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspot.uplink.wanted import Wanted

    Variable = tuple[str, str]

# As `hotspot.uplink.wanted` has it: a fourth of what a line holds.
_LONGEST: Final = 256
_FIRST: Final = "# Vestibule wrote this; `vestibule forget` removes it. The join it came from:"
_UNIT: Final = "# Enabled for it: "
_BLOB: Final = "vestibule-ca"
_AUTHORITIES: Final = f"blob://{_BLOB}"
# wpa_supplicant leaves out SAE by itself where the driver has none (2.10, wpa_supplicant.c).
_ANY_DRIVER: Final = Able(frozenset({"SAE", "OWE"}), protects=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The file of a network that the join called `key` has proven.

    `country` is the access point's; `control_directory` where the control socket is to be;
    `unit` the systemd unit that was enabled for it, if one was.
    Raises `values.NotAllowed` for what wpa_supplicant could not be told.
    """

    wanted: Wanted
    key: str
    country: str
    control_directory: str = "/run/wpa_supplicant"
    unit: str = ""

    def __post_init__(self) -> None:
        values.ssid_bytes(self.wanted.ssid)
        values.country(self.country)
        values.plain_directory(self.control_directory)
        if self.unit and not re.fullmatch("[A-Za-z0-9@_.-]{1,80}", self.unit):
            raise NotAllowed("a unit's plain name")
        if not re.fullmatch("[0-9A-Za-z_-]{1,64}", self.key):
            raise NotAllowed("a key of up to 64 letters, digits, - and _")
        protection(self.wanted)
        for text in (self.wanted.identity, self.wanted.password):
            if text is not None and len(text.encode()) > _LONGEST:
                raise NotAllowed(f"a user's name and password of up to {_LONGEST} bytes")


def render(configuration: Configuration) -> Secret:
    """The file's text: ASCII, no line over 600 bytes; secret, as it holds the key."""
    lines = [
        _FIRST,
        f"# {configuration.key}",
        *([f"{_UNIT}{configuration.unit}"] if configuration.unit else []),
        f"ctrl_interface={configuration.control_directory}",
        f"country={configuration.country}",
        # Both ways to WPA3's password element, as access points of either kind ask for one.
        "sae_pwe=2",
        "pmf=1",
        "network={",
        *(f"\t{name}={value}" for name, value in network(configuration.wanted)),
        "}",
        *_block(configuration.wanted.certificates),
    ]
    return Secret("".join(f"{line}\n" for line in lines))


def read(text: str) -> Kept | None:
    """The key and the name in a file that `render` wrote; `None` for anybody else's."""
    first, _, rest = text.partition("\n")
    found = re.match(r"# ([0-9A-Za-z_-]{1,64})\n(?:[^\t].*\n)*\tssid=((?:[0-9a-f]{2})+)\n", rest)
    if first != _FIRST or found is None:
        return None
    return Kept(found[1], bytes.fromhex(found[2]))


def enabled(text: str) -> str:
    """The unit that was enabled for a file of ours, "" if none was."""
    found = re.search(f"^{_UNIT}([A-Za-z0-9@_.-]{{1,80}})$", text, re.MULTILINE)
    return found[1] if found and read(text) else ""


def network(wanted: Wanted) -> Iterator[Variable]:
    """The variables of the network block: those of the attempt, for whatever driver."""
    kind = protection(wanted)
    # A network of WPA2 may learn WPA3 meanwhile; back it never goes.
    security = "wpa2-wpa3" if kind == "wpa2" else kind
    authorities = _AUTHORITIES if wanted.certificates is not None else ""
    found = credentials.variables(wanted, security, _ANY_DRIVER, authorities)
    # Where it is left out, `pmf=1` protects frames where the driver can.
    yield from (pair for pair in found if pair != ("ieee80211w", "1"))


def _block(certificates: str | None) -> Iterator[str]:
    if certificates is not None:
        yield f"blob-base64-{_BLOB}={{"
        yield from textwrap.wrap(base64.b64encode(certificates.encode()).decode("ascii"), 64)
        yield "}"


def escaped(ssid: bytes) -> str:
    """The name as the control socket's STATUS has it (hostap's printf_encode, utils/common.c)."""
    return "".join(_ESCAPES.get(byte) or _printed(byte) for byte in ssid)


def _printed(byte: int) -> str:
    return chr(byte) if byte in _PRINTABLE else f"\\x{byte:02x}"


_PRINTABLE: Final = range(32, 127)
_ESCAPES: Final = {0x22: '\\"', 0x5C: "\\\\", 0x1B: "\\e", 10: "\\n", 13: "\\r", 9: "\\t"}
