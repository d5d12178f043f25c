"""The lab itself: a phone joins a home network, with no part of the product.

When this story fails, the lab is at fault, or the machine it runs on.
"""

from __future__ import annotations

from typing import Final

from tests.lab.guest import snapshot
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run

RADIOS: Final = 3
HOME: Final = HomeNetwork(b'Caf\xc3\xa9 "%61\\" \x00\xff', "a home of its own", channel=11)


def tell(lab: Lab) -> None:
    """Plain hostapd beacons, plain wpa_supplicant joins, and nothing of it stays."""
    lab.home(HOME, radio=2)
    phone = lab.phone(radio=1)
    before = snapshot.take()
    air = lab.air(HOME.channel, radio=0)
    when, beacon = air.first(HOME.ssid, seconds=10)
    lab.tells(beacon=str(beacon))
    assert beacon.channel == HOME.channel

    assert phone.scans(HOME.channel)[HOME.ssid] == beacon.bssid
    phone.joins(HOME.ssid, HOME.passphrase)
    assert phone.control.status()["wpa_state"] == "COMPLETED"
    assert air.last(beacon.bssid) > when

    run("ip", "addr", "add", "192.0.2.1/24", "dev", "wlan0")
    assert any("192.0.2.1" in line for line in snapshot.difference(before, snapshot.take()))
    run("ip", "addr", "del", "192.0.2.1/24", "dev", "wlan0")
    air.close()
    assert snapshot.difference(before, snapshot.take()) == []
