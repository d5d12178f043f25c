"""Each program stopped by a signal, so that it is there and does nothing: noticed, and anew."""

from __future__ import annotations

import os
import signal
from typing import Final

from tests.lab.guest.appliance import Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.units import AP, HOUSE, Units

RADIOS: Final = 2
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 900
CONFIG: Final = Config()
# Two looks of the house for hostapd and dnsmasq; WatchdogSec= for the others; each with the time
# that systemd gives a stopped one to end (SIGABRT waits for SIGCONT), and a start under emulation.
BACK_SECONDS: Final = {
    "vestibule-dns.service": 90.0,
    "vestibule-dhcp.service": 60.0,
    "vestibule-portal.service": 120.0,
    AP: 60.0,
    HOUSE: 180.0,
}


def tell(lab: Lab) -> None:
    """SIGSTOP to each in turn: another process takes its place in the time stated, and the others
    are those they were.
    """
    appliance = Units(CONFIG)
    appliance.unpack()
    appliance.start()
    appliance.up()
    for unit, seconds in BACK_SECONDS.items():
        others = {other: appliance.main(other) for other in BACK_SECONDS if other != unit}
        former = appliance.main(unit)
        os.kill(former, signal.SIGSTOP)
        lab.tells(stopped=unit, back=appliance.renewed(unit, former, seconds))
        assert {other: appliance.main(other) for other in others} == others
    appliance.stop()
