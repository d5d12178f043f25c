"""Home networks that something is wrong with: each is told for what it is."""

from __future__ import annotations

import dataclasses
from typing import Final

from tests.lab.guest.appliance import Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.joining import Watched, gone
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
CONFIG: Final = Config(
    channel=6, radio=('linger = "forever"',), tables='[home]\ninternet = "required"\n'
)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=6, internet="yes")
PORTAL: Final = "http://login.hotel.example/welcome?room=7"


def tell(lab: Lab) -> None:
    """No address, no gateway, no Internet, a portal in between, no user's name, nobody there."""
    phone = lab.phone(radio=1)
    home = lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready()
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    watched = Watched(lab, phone)

    home.changes(internet="no")
    assert watched.join("no_internet", home.network).outcome["step"] == "internet"

    home.changes(internet="portal")
    assert watched.join("upstream_portal", home.network).outcome["url"] == PORTAL

    home.becomes(dataclasses.replace(HOME, gateway="192.168.77.99"))
    assert watched.join("no_gateway", home.network).outcome["step"] == "gateway"

    home.becomes(dataclasses.replace(HOME, leases=False))
    assert watched.join("no_address", home.network).outcome["step"] == "lease"
    fixed = {"address": "192.168.77.50/24", "gateway": HOME.router, "dns": [HOME.router]}
    told = watched.join("connected", home.network, address=fixed)
    assert told.outcome["address"] == fixed["address"]

    home.becomes(dataclasses.replace(HOME, security="enterprise"))
    watched.join("needs_username", home.network, security="enterprise", passphrase=None)
    user = {"security": "enterprise", "passphrase": None, "identity": HOME.user}
    watched.join("wrong_password", home.network, **user, password="of somebody else")
    watched.join("connected", home.network, **user, password=HOME.passphrase)

    home.becomes(HOME)
    home.off()
    assert watched.join("not_found", HOME).outcome["step"] == "found"
    gone()
    appliance.stop()
