"""A driver that has no station beside an access point: there and back by the one interface."""

from __future__ import annotations

import errno
import ipaddress
import threading
import time
from contextlib import AbstractContextManager
from typing import Final

from hotspot.air.wireless import Wireless
from hotspot.config.values import Secret
from hotspot.errors import Refused
from hotspot.netlink import Links
from hotspot.owner.port import Kept
from hotspot.uplink.attempt import Attempt, Place
from hotspot.uplink.interface import Station
from hotspot.uplink.means import Real
from hotspot.uplink.moving import Interface, SharedRadio
from hotspot.uplink.outcome import Ended, Event, Moved, Outcome
from hotspot.uplink.wanted import Wanted
from tests.lab.guest.appliance import ADDRESS, RUNTIME, Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.joining import PAGE_SECONDS, READY_SECONDS
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import JOIN_SECONDS
from tests.lab.guest.program import run

RADIOS: Final = 3
LONG: Final = True
CONFIG: Final = Config(channel=6)
# In the access point's own range, and on another channel.
HOME: Final = HomeNetwork(
    b"Zuhause",
    "an island in the sun",
    channel=11,
    address="100.64.64.1/22",
    lease_from="100.64.64.2",
    lease_to="100.64.64.9",
    internet="yes",
)
WANTED: Final = Wanted(ssid=HOME.ssid, passphrase=Secret(HOME.passphrase))


class Lesser(Real):
    """What some drivers say to a second interface."""

    def beside(self) -> AbstractContextManager[Station]:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")


class Nobody:
    """Nobody looks after the configuration of this machine, and so nothing is kept."""

    def check(self, wanted: Wanted) -> None:
        assert wanted == WANTED

    def keep(self, wanted: Wanted, key: str, interface: str) -> None:
        raise Refused(f"{interface}: nobody keeps {wanted.ssid!r}", f"as {key}")

    def kept(self) -> Kept | None:
        return None

    def settle(self, interface: str, seconds: float) -> bool:
        raise AssertionError(interface, seconds)

    def is_home(self, interface: str) -> bool:
        raise AssertionError(interface)

    def forget(self) -> bytes | None:
        return None


def tell(lab: Lab) -> None:
    """It leaves the air, tries as a station, and is back where it was; the phone finds it again."""
    phone = lab.phone(radio=1)
    lab.home(HOME, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    pages = lab.answers("http", namespace=phone.name)
    pages.waits("http", PAGE_SECONDS, after=0)
    first = appliance.pid("hostapd")

    began = time.monotonic()
    told, ended = joins()
    lab.tells(told=[str(event) for event in told], ended=str(ended), took=time.monotonic() - began)
    assert told[1] == Moved("return", CONFIG.channel)
    # All of it was well; only that nobody was there to keep it.
    assert (ended.outcome, ended.step) == (Outcome.FAILED, "kept")

    phone.control.hears("CTRL-EVENT-CONNECTED", JOIN_SECONDS, since=began)
    pages.waits("http", PAGE_SECONDS, after=time.monotonic())
    lab.tells(page_again_after=round(time.monotonic() - began, 2))
    assert "channel 6 " in run("iw", "dev", CONFIG.interface, "info")
    assert ADDRESS in run("ip", "address", "show", "dev", CONFIG.interface)
    assert "away" not in run("nft", "list", "table", "inet", "vestibule")
    assert appliance.pid("hostapd") == first
    appliance.stop()


def joins() -> tuple[list[Event], Ended]:
    """One attempt, by the parts of the radio agent: what it told, and how it ended."""
    never = threading.Event()
    place = Place(
        interface=CONFIG.interface,
        address=ipaddress.IPv4Interface(f"{ADDRESS}/22"),
        runtime=RUNTIME,
        internet="required",
        hostname="vestibule-lab",
        known=lambda _: [],
    )
    told: list[Event] = []
    with Wireless() as wireless, Links() as links:
        (radio,) = [one for one in wireless.adapters() if one.interface == CONFIG.interface]
        kernel = Interface(wireless, links, CONFIG.interface)
        room = SharedRadio(radio, kernel, RUNTIME, "auto", never.wait)
        means = Lesser(CONFIG.interface, RUNTIME, place.hostname)
        ended = Attempt(place, room, Nobody(), means).join("1", WANTED, told.append, never)
    return told, ended
