"""The access point looks for networks while a phone is on it, and the phone notices nothing."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from hotspot.agent import asking
from hotspot.agent.protocol import Event
from tests.lab.guest.air import FREQUENCIES
from tests.lab.guest.appliance import RUNTIME, URL, Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Phone

RADIOS: Final = 5
LONG: Final = True
CONFIG: Final = Config()
# The kernel waits 30 ms for an answer to a probe: in an emulator with much to do one may be late.
SCANS: Final = 3
BOTH: Final = 2
PASSPHRASE: Final = "an island in the sun"
# A house with two access points of one name, and the neighbours.
HOUSE: Final = HomeNetwork("Zuhause über dem Laden".encode(), PASSPHRASE, channel=1)
ATTIC: Final = HomeNetwork(HOUSE.ssid, PASSPHRASE, channel=11, address="192.168.77.2/24")
NEIGHBOURS: Final = HomeNetwork(b"\x00<b>\xff", PASSPHRASE, channel=11)
LIST: Final = RUNTIME / "networks.json"
SOCKET: Final = RUNTIME / asking.SOCKET


def tell(lab: Lab) -> None:
    """Page after page loads, nobody is thrown off, and all networks are in the list, merged."""
    phone = lab.phone(radio=1)
    appliance = lab.appliance(CONFIG)
    appliance.ready()
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    assert HOUSE.ssid.hex() not in LIST.read_text()
    lab.home(HOUSE, radio=2, name="house")
    lab.home(ATTIC, radio=3, name="attic")
    lab.home(NEIGHBOURS, radio=4, name="neighbours")

    (station,) = asking.answer(SOCKET, {"verb": "stations"})["stations"]
    assert station["signal"] < 0
    lab.tells(station=station)

    probes = lab.answers("http", namespace="phone")
    probes.waits("http", 30, after=0)
    phone.control.drain()
    began = time.monotonic()
    for _ in range(SCANS):
        found = scanned(lab, phone)
        if found.get((HOUSE.ssid, "wpa2"), {}).get("bssids") == BOTH:
            break
    probes.waits("http", 30, after=time.monotonic())
    phone.control.drain()

    lab.tells(probes=len(probes.right("http", after=began)), pss_mib=appliance.memory())
    assert found[HOUSE.ssid, "wpa2"]["bssids"] == BOTH
    assert found[NEIGHBOURS.ssid, "wpa2"]["channel"] == NEIGHBOURS.channel
    assert not probes.wrong("http", after=began)
    assert not [event for at, event in phone.control.history if at > began and "DISCONN" in event]

    assert json.loads(LIST.read_text())["networks"] == list(found.values())
    assert HOUSE.ssid.hex() in phone.asks(f"{URL}api/v1/networks").body.decode()
    appliance.stop()


def scanned(lab: Lab, phone: Phone) -> dict[tuple[bytes, str], dict[str, Any]]:
    """What a scan found, by name and security, while page after page loaded on the phone."""
    began = time.monotonic()
    pages = []
    last: Event = {}
    for event in asking.ask(SOCKET, {"verb": "scan"}):
        last, asked = event, time.monotonic()
        assert phone.asks(URL).status == 200
        pages.append(time.monotonic() - asked)
    assert len(pages) > len(FREQUENCIES)
    lab.tells(
        scan_seconds=round(time.monotonic() - began, 1),
        pages=len(pages),
        slowest_page=round(max(pages), 2),
        networks=last["networks"],
    )
    return {(bytes.fromhex(one["ssid"]), one["security"]): one for one in last["networks"]}
