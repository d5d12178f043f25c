"""A home network on the access point's channel, joined beside it, however it is protected."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from tests.lab.guest.appliance import Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.joining import READY_SECONDS, Watched, gone
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
CONFIG: Final = Config(channel=6, radio=("linger = 3600",))
HOME: Final = HomeNetwork(
    "Zuhause über dem Laden".encode(), "an island in the sun", channel=6, internet="yes"
)
# The same range, and the router has the very address of the access point.
SAME_RANGE: Final = dataclasses.replace(
    HOME, address="100.64.64.1/22", lease_from="100.64.64.2", lease_to="100.64.64.9"
)


def tell(lab: Lab) -> None:
    """A wrong password is corrected at once; each kind proves itself; the phone stays on."""
    phone = lab.phone(radio=1)
    home = lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    watched = Watched(lab, phone)

    wrong = watched.join("wrong_password", HOME, security="wpa2", passphrase="an island in rain")
    assert wrong.outcome["step"] == "authenticated"
    told = watched.join("connected", HOME, security="wpa2")
    assert told.outcome["gateway"] == HOME.router
    assert told.outcome["internet"] is True
    assert told.outcome["overlaps"] is False
    gone()
    assert not Path("/sys/class/net/vestibule0").exists()

    home.changes(security="wpa3")
    watched.join("connected", home.network)

    home.changes(security="wpa2", hidden=True)
    watched.join("connected", home.network, hidden=True)

    home.becomes(dataclasses.replace(HOME, security="open", passphrase=""))
    watched.join("connected", home.network)

    home.becomes(SAME_RANGE)
    told = watched.join("connected", home.network)
    assert told.outcome["overlaps"] is True
    assert told.outcome["gateway"] == "100.64.64.1"
    appliance.stop()
