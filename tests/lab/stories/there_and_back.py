"""The access point leaves the air for the home network, and comes back with the outcome."""

from __future__ import annotations

import dataclasses
from typing import Final

from hotspot.channel import frequency_of
from tests.lab.guest.appliance import Config
from tests.lab.guest.filling_in import JOINS, READY_SECONDS, left, reads, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
LONG: Final = True
MOST_SECONDS: Final = 720
RADIO: Final = ("linger = 300", 'follow = "return"')
CONFIG: Final = Config(channel=6, radio=RADIO, tables=JOINS)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=11, internet="yes")


def tell(lab: Lab) -> None:
    """A wrong password, then the right one: each time the phone rejoins and reads what came."""
    phone = lab.phone(radio=1)
    lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)

    wrong = dataclasses.replace(HOME, passphrase="an island in the rain")
    for home, outcome in ((wrong, "wrong_password"), (HOME, "connected")):
        reading = sets_up(lab, phone, home)
        assert reading.last["join"]["outcome"] == outcome, reading.last
        assert reading.moving == ["return 6"]
        assert left(phone.control)
        phone.control.history.clear()
        assert phone.control.status()["freq"] == str(frequency_of(6))
        assert reads(phone, reading.url).last == reading.last
    appliance.stop()
