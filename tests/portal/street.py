"""Twenty networks as a street of flats has them, for the size of the page."""

from __future__ import annotations

from portal.form.networks import Network

NAMES = (
    "Haus am See", "Café Noisette", "FRITZ!Box 7590 KL", "Guests", "Familie Şahin", "eduroam",
    "A name as long as they may be 32", "WLAN-271F83", "TP-LINK_8A2C", "Vodafone-4F21",
    "o2-WLAN77", "MagentaWLAN-X9", "NETGEAR53", "Livebox-A2B0", "iPhone von Anna",
    "DIRECT-7F-HP OfficeJet", "SmartHome 2.4", "KabelBox-1189", "UPC3348120", "Gäste WLAN",
)  # fmt: skip
SECURITY = {"Guests": "open", "eduroam": "enterprise", "Gäste WLAN": "owe", "Livebox-A2B0": "wpa3"}


def street() -> tuple[Network, ...]:
    """The networks, strongest first, in both bands."""
    return tuple(
        Network(name.encode(), -42 - 2 * n, (2437, 5180, 2412)[n % 3], (6, 36, 1)[n % 3],
                SECURITY.get(name, "wpa2"))
        for n, name in enumerate(NAMES)
    )  # fmt: skip
