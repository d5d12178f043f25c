"""The home network is on 5 GHz alone: no phone is asked to follow there, or never comes back."""

from __future__ import annotations

from typing import Final

from hotspot.channel import frequency_of
from tests.lab.guest.appliance import Config
from tests.lab.guest.filling_in import JOINS, READY_SECONDS, reads, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
LONG: Final = True
MOST_SECONDS: Final = 720
CONFIG: Final = Config(channel=6, radio=("linger = 300",), tables=JOINS)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=36, internet="yes")


def tell(lab: Lab) -> None:
    """The access point leaves, and is back where it was, for the phone to read the outcome."""
    phone = lab.phone(radio=1)
    lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)

    reading = sets_up(lab, phone, HOME)
    assert reading.last["join"]["outcome"] == "connected", reading.last
    assert reading.moving == ["return 6"]
    assert phone.control.status()["freq"] == str(frequency_of(6))
    assert reads(phone, reading.url).last == reading.last
    appliance.run.said("a phone without 5 GHz would lose the page", 1)
    appliance.stop()
