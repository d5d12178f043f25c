"""The access point starts anew on the home network's channel: the phone finds it there again."""

from __future__ import annotations

from typing import Final

from hotspot.channel import frequency_of
from tests.lab.guest.appliance import RUNTIME, Config
from tests.lab.guest.control import Control
from tests.lab.guest.filling_in import JOINS, READY_SECONDS, left, reads, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
LONG: Final = True
MOST_SECONDS: Final = 720
RADIO: Final = ("linger = 300", 'follow = "restart"')
CONFIG: Final = Config(channel=6, radio=RADIO, tables=JOINS)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=11, internet="yes")


def tell(lab: Lab) -> None:
    """It is sent away, rejoins by itself, and reads the outcome on the page it had."""
    phone = lab.phone(radio=1)
    lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    hostapd = lab.scene.enter_context(Control(RUNTIME / "hostapd" / CONFIG.interface))

    reading = sets_up(lab, phone, HOME)
    assert reading.last["join"]["outcome"] == "connected", reading.last
    # It was told before the access point went.
    assert reading.moving == ["restart 11"]
    assert left(phone.control)
    assert phone.control.status()["freq"] == str(frequency_of(11))
    assert hostapd.status()["channel"] == "11"
    assert reads(phone, reading.url).last == reading.last
    appliance.stop()
