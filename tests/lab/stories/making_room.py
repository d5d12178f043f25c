"""The access point makes room on its own radio, while a phone is on it and loads pages."""

from __future__ import annotations

import threading
import time
from typing import Final

from hotspot.air.wireless import Wireless
from hotspot.channel import frequency_of
from hotspot.netlink import Links
from hotspot.uplink.moving import Interface, SharedRadio
from tests.lab.guest.appliance import RUNTIME, Config
from tests.lab.guest.control import Control
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import JOIN_SECONDS, Phone
from tests.lab.guest.program import until

RADIOS: Final = 2
LONG: Final = True
CONFIG: Final = Config(channel=6)
# Until a page has been loaded; under emulation, with others at work.
SECONDS: Final = 30.0
PAGES: Final = 25


def tell(lab: Lab) -> None:
    """Announced, and the phone stays on; started anew, and it rejoins; gone and back again."""
    phone = lab.phone(radio=1)
    appliance = lab.appliance(CONFIG)
    appliance.ready()
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    hostapd = lab.scene.enter_context(Control(RUNTIME / "hostapd" / CONFIG.interface))
    pages = lab.answers("http", namespace=phone.name)
    pages.waits("http", SECONDS, after=0)
    first = appliance.pid("hostapd")

    began, told = moves(lab, "auto", 11)
    assert told == ["announce 11"]
    until(lambda: len(pages.right("http", after=began)) > PAGES, SECONDS, "pages")
    # Slower than 2 s: an emulator among others stands still for longer than that.
    late = pages.wrong("http", after=began)
    lab.tells(late=len(late))
    assert 10 * len(late) < PAGES
    assert not left(phone.control)
    assert not left(hostapd)
    assert frequency(phone) == frequency_of(11)

    for wish, number, expected in (("restart", 1, "restart 1"), ("return", 6, "return 1")):
        began, told = moves(lab, wish, number)
        assert told == [expected]
        phone.control.hears("CTRL-EVENT-CONNECTED", JOIN_SECONDS, since=began)
        pages.waits("http", SECONDS, after=time.monotonic())
        lab.tells(page_again_after=round(time.monotonic() - began, 2))
        assert frequency(phone) == frequency_of(1)
    assert appliance.pid("hostapd") == first
    appliance.stop()


def moves(lab: Lab, wish: str, number: int) -> tuple[float, list[str]]:
    """Make room for a network on a channel: when that began (monotonic), and what was told."""
    with Wireless() as wireless, Links() as links:
        (radio,) = [one for one in wireless.adapters() if one.interface == CONFIG.interface]
        kernel = Interface(wireless, links, CONFIG.interface)
        room = SharedRadio(radio, kernel, RUNTIME, wish, threading.Event().wait)
        began = time.monotonic()
        told = [f"{moved.how} {moved.channel}" for moved in room.make(frequency_of(number))]
        lab.tells(told=told, took=round(time.monotonic() - began, 2), at=kernel.frequency())
        assert room.look() is None
        room.leave()
        return began, told


def left(control: Control) -> list[str]:
    """What was heard of somebody who left, on either end of the air."""
    control.drain()
    return [event for _, event in control.history if "DISCONNECTED" in event]


def frequency(phone: Phone) -> int:
    """Where the phone is, in MHz."""
    return int(phone.control.status()["freq"])
