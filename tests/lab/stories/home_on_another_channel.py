"""The home network is on another channel: the access point takes its phone along."""

from __future__ import annotations

from typing import Final

from hotspot.channel import frequency_of
from tests.lab.guest.appliance import RUNTIME, Config
from tests.lab.guest.control import Control
from tests.lab.guest.filling_in import JOINS, READY_SECONDS, left, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
MOST_SECONDS: Final = 720
CONFIG: Final = Config(channel=6, radio=("linger = 300",), tables=JOINS)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=11, internet="yes")
# Until a page has been loaded; under emulation, with others at work.
SECONDS: Final = 30.0


def tell(lab: Lab) -> None:
    """Never disassociated, its page all the time, and "connected" on the one it submitted on."""
    phone = lab.phone(radio=1)
    lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    hostapd = lab.scene.enter_context(Control(RUNTIME / "hostapd" / CONFIG.interface))
    pages = lab.answers("http", namespace=phone.name)
    pages.waits("http", SECONDS, after=0)

    reading = sets_up(lab, phone, HOME)
    assert reading.last["join"]["outcome"] == "connected", reading.last
    assert reading.moving == ["announce 11"]
    assert phone.control.status()["freq"] == str(frequency_of(11))
    # From the moment it has connected, its captive checks get their own success.
    first, last = reading.states[0][0], reading.states[-2][0]
    loaded = [one for one in pages.right("http", after=first) if one.ended < last]
    # Slower than 2 s: an emulator among others stands still for longer than that.
    late = len(pages.wrong("http", after=first, before=last))
    lab.tells(loaded=len(loaded), late=late, read=len(reading.states), missed=reading.missed)
    assert len(loaded) > 10 * late
    assert reading.missed == 0
    assert phone.asks(reading.url).status == 200
    assert not left(phone.control)
    assert not left(hostapd)
    document = appliance.delivered(READY_SECONDS)
    assert document["id"] == reading.last["id"]
    appliance.stop()
