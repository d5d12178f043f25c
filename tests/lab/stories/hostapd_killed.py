"""hostapd dies: the access point is back and the phone on it again, and the portal never left."""

from __future__ import annotations

import os
import signal
import time
from typing import Final

from tests.lab.guest.appliance import URL, Config
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
CONFIG: Final = Config()
BACK_SECONDS: Final = 10.0


def tell(lab: Lab) -> None:
    """Killed with signal 9; within 10 s of guest time the phone reassociates and has its page."""
    air = lab.air(CONFIG.channel, radio=2)
    phone = lab.phone(radio=1)
    appliance = lab.appliance(CONFIG)
    appliance.ready()
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    portal, first = appliance.pid("portal"), appliance.pid("hostapd")
    services = lab.answers("dns", "http")
    services.waits("http", 20, after=0)
    phone.control.drain()

    killed = time.monotonic()
    os.kill(first, signal.SIGKILL)
    phone.control.hears("CTRL-EVENT-DISCONNECTED", BACK_SECONDS, since=killed)
    phone.control.hears("CTRL-EVENT-CONNECTED", BACK_SECONDS, since=killed)
    back = time.monotonic() - killed
    lab.tells(reassociated_after_seconds=round(back, 2))
    assert back < BACK_SECONDS
    assert phone.asks(URL).status == 200
    assert air.beacons[-1][0] > killed

    services.waits("http", 20, after=time.monotonic())
    for service in ("dns", "http"):
        assert not services.wrong(service, after=0), f"{service} was away"
        lab.tells(service=service, answered=len(services.right(service, after=killed)))
    assert appliance.pid("portal") == portal
    assert appliance.pid("hostapd") != first
    appliance.stop()
