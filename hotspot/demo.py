"""The demo's radio: what a scan in a lived-in street would have found.

The same document that `prepare` writes from a real scan, with the names that bite among them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    Network = dict[str, str | int]

# Name, signal in dBm, frequency in MHz, channel, security; strongest first.
_AIR: tuple[tuple[str, int, int, int, str], ...] = (
    ("Home Sweet Home", -41, 2437, 6, "wpa2"),
    ("Home Sweet Home 5G", -47, 5180, 36, "wpa2-wpa3"),
    ("FRITZ!Box 7590 QX", -58, 2412, 1, "wpa2-wpa3"),
    ("Café Zentral Gäste 🥐", -63, 2462, 11, "open"),
    # A stranger's access point is called what the stranger likes: the page must show this, as is.
    ("<img src=x onerror=alert(1)>", -66, 2437, 6, "wpa2"),
    ("eduroam", -71, 5240, 48, "enterprise"),
    ("WLAN-2F4C91", -77, 2412, 1, "wpa3"),
    ("Brother HL-L2350DW", -85, 2462, 11, "wep"),
)


def networks() -> dict[str, list[Network]]:
    """The document of RUNTIME/networks.json; SSIDs are hex of their bytes."""
    keys = ("ssid", "signal", "frequency", "channel", "security")
    rows = [(row[0].encode().hex(), *row[1:]) for row in _AIR]
    return {"networks": [dict(zip(keys, row, strict=True)) for row in rows]}
