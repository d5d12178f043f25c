"""A home network as a NetworkManager profile: settings by group and name, as D-Bus has them.

Each value is a pair of its D-Bus signature and itself (a variant). The names are those of
libnm (nm-settings-dbus(5)). A profile of ours says so in `connection.stable-id`, any text that
NetworkManager derives stable addresses from: the key of the join, and a number that grows, by
which the newest is known on a machine whose clock is not. (`user.data`, meant for such things,
is lost where NetworkManager keeps its profiles by netplan: canonical/netplan #615.)
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hotspot.owner.port import protection
from hotspot.uplink.wanted import fits_wpa2

if TYPE_CHECKING:
    from hotspot.uplink.wanted import Fixed, Wanted

Group = dict[str, tuple[str, Any]]

_STABLE: Final = re.compile(r"vestibule/(\d{1,9})/([0-9A-Za-z_-]{1,64})")

# A name space of our own (RFC 9562 5.5), so that a key always makes the same profile.
_OURS: Final = uuid.UUID("83908af2-22de-5b7f-8ff2-ee47c487ca54")
# NetworkManager's own is 0 and goes from -999 to 999: the network a person has just chosen is
# tried before what the machine knew, and anybody can still put another one above it.
_PRIORITY: Final = 100


@dataclass(frozen=True, slots=True)
class Ours:
    """What a profile of ours says about itself."""

    key: str
    ssid: bytes
    number: int


def identity(key: str) -> str:
    """The UUID of the profile of this join."""
    return str(uuid.uuid5(_OURS, key))


def render(wanted: Wanted, key: str, interface: str, number: int) -> dict[str, Group]:
    """The profile's settings; secret, as they hold the passphrase. Raises `values.NotAllowed`."""
    found: dict[str, Group] = {
        "connection": {
            "id": ("s", f"Vestibule: {shown(wanted.ssid)}"),
            "uuid": ("s", identity(key)),
            "type": ("s", "802-11-wireless"),
            "interface-name": ("s", interface),
            "autoconnect-priority": ("i", _PRIORITY),
            "stable-id": ("s", f"vestibule/{number}/{key}"),
        },
        "802-11-wireless": {
            "ssid": ("ay", wanted.ssid),
            "mode": ("s", "infrastructure"),
            "hidden": ("b", wanted.hidden),
        },
        "ipv4": _fixed(wanted.address) if wanted.address else {"method": ("s", "auto")},
    }
    return found | _security(wanted)


def read(settings: Mapping[str, Mapping[str, tuple[str, Any]]]) -> Ours | None:
    """What a profile says, if it is one of ours."""
    stable = settings.get("connection", {}).get("stable-id", ("", ""))[1]
    ssid = settings.get("802-11-wireless", {}).get("ssid", ("", b""))[1]
    found = _STABLE.fullmatch(stable)
    return Ours(found[2], bytes(ssid), int(found[1])) if found else None


def shown(ssid: bytes) -> str:
    """The name in a line of text: what cannot be printed, escaped."""
    text = ssid.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _security(wanted: Wanted) -> dict[str, Group]:
    kind = protection(wanted)
    if kind == "open":
        return {}
    if kind == "owe":
        return {"802-11-wireless-security": {"key-mgmt": ("s", "owe")}}
    if kind == "enterprise":
        return {
            "802-11-wireless-security": {"key-mgmt": ("s", "wpa-eap")},
            "802-1x": _enterprise(wanted),
        }
    passphrase = str(wanted.passphrase)
    # "wpa-psk" stands for WPA2 and, where card and network can, WPA3; "sae" for WPA3 only.
    personal = kind != "wpa3" and fits_wpa2(passphrase)
    management = "wpa-psk" if personal else "sae"
    group: Group = {"key-mgmt": ("s", management), "psk": ("s", passphrase)}
    return {"802-11-wireless-security": group}


def _enterprise(wanted: Wanted) -> Group:
    group: Group = {
        "eap": ("as", [wanted.method or "peap"]),
        "identity": ("s", str(wanted.identity)),
        "password": ("s", str(wanted.password or "")),
        "phase2-auth": ("s", "mschapv2"),
    }
    if wanted.certificates is not None:
        group["ca-cert"] = ("ay", wanted.certificates.encode())
    return group


def _fixed(fixed: Fixed) -> Group:
    address = {
        "address": ("s", str(fixed.address.ip)),
        "prefix": ("u", fixed.address.network.prefixlen),
    }
    # The old form, an integer in network order, which every release understands.
    resolvers = [struct.unpack("=I", resolver.packed)[0] for resolver in fixed.resolvers]
    return {
        "method": ("s", "manual"),
        "address-data": ("aa{sv}", [address]),
        "gateway": ("s", str(fixed.gateway)),
        "dns": ("au", resolvers),
    }
