"""The access point stays for ever, and the machine is on its home network beside it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

from hotspot.channel import frequency_of
from tests.lab.guest.appliance import Config
from tests.lab.guest.caretaker import Caretaker
from tests.lab.guest.filling_in import JOINS, READY_SECONDS, left, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run, until

RADIOS: Final = 3
LONG: Final = True
MOST_SECONDS: Final = 720
CONFIG: Final = Config(channel=6, radio=('linger = "forever"',), tables=JOINS)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=11, internet="yes")
STATION: Final = "vestibule0"
CONNECTED: Final = "100 (connected)"
SECONDS: Final = 300.0


def tell(lab: Lab) -> None:
    """NetworkManager has the station and an address by it; the phone has its page, all the time."""
    phone = lab.phone(radio=1)
    lab.home(HOME, radio=2)
    lab.scene.enter_context(Caretaker(CONFIG.interface, lab.logs))
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)

    began = time.monotonic()
    reading = sets_up(lab, phone, HOME)
    assert reading.last["join"]["outcome"] == "connected", reading.last
    until(lambda: state() == CONNECTED, SECONDS, f"{STATION} connected")
    lab.tells(connected_beside_after=round(time.monotonic() - began, 1))
    addresses = run("ip", "-4", "-o", "address", "show", "dev", STATION)
    assert " 192.168.77." in addresses, addresses

    assert phone.asks(reading.url).status == 200
    assert not left(phone.control)
    assert phone.control.status()["freq"] == str(frequency_of(11))
    appliance.stop()
    assert not station().exists()


def station() -> Path:
    """The station interface, where the kernel shows it."""
    return Path("/sys/class/net") / STATION


def state() -> str:
    """What NetworkManager says of it; nothing while it knows of none."""
    words = ("-e", "no", "-g", "GENERAL.STATE", "device", "show", STATION)
    with contextlib.suppress(AssertionError):
        return run("nmcli", *words).strip()
    return ""
