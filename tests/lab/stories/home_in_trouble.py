"""Home networks that something is wrong with: each is told for what it is."""

from __future__ import annotations

import dataclasses
from typing import Final

from tests.lab.guest.appliance import Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.joining import READY_SECONDS, Watched, gone
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
LONG: Final = True
CONFIG: Final = Config(
    channel=6, radio=("linger = 3600",), tables='[home]\ninternet = "required"\n'
)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=6, internet="yes")
PORTAL: Final = "http://login.hotel.example/welcome?room=7"


def tell(lab: Lab) -> None:
    """No Internet, a portal in between, no gateway, no address, and nobody there at all."""
    phone = lab.phone(radio=1)
    home = lab.home(dataclasses.replace(HOME, internet="no"), radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    watched = Watched(lab, phone)

    assert watched.join("no_internet", home.network).outcome["step"] == "internet"

    home.changes(internet="portal")
    assert watched.join("upstream_portal", home.network).outcome["url"] == PORTAL

    home.changes(internet="no", gateway="192.168.77.99")
    assert watched.join("no_gateway", home.network).outcome["step"] == "gateway"

    home.changes(leases=False)
    assert watched.join("no_address", home.network).outcome["step"] == "lease"

    home.off()
    assert watched.join("not_found", home.network).outcome["step"] == "found"
    gone()
    appliance.stop()
