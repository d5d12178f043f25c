"""hostapd lives and the access point is dead: noticed and put right, whatever was taken from it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from tests.lab.guest import hwsim, snapshot
from tests.lab.guest.appliance import ADDRESS, URL, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Phone, Refused
from tests.lab.guest.program import run, until
from tests.lab.guest.units import AP, HOUSE, Units, active, journal

if TYPE_CHECKING:
    from collections.abc import Callable

RADIOS: Final = 2
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 900
CONFIG: Final = Config()
SSID: Final = CONFIG.ssid.encode()
TABLES: Final = ("routes", "routes6", "rules", "rules6", "nftables", "sysctls")
NOTICED_SECONDS: Final = 15.0
# Of guest time, which an emulator stretches; the story tells what it was.
MENDED_SECONDS: Final = 120.0


def tell(lab: Lab) -> None:
    """Address deleted, link down, interface deleted, radio pulled and plugged in: each is noticed
    within 15 s, the phone has its page again, and the portal's process is still the same.
    """
    phone = lab.phone(radio=1)
    before = snapshot.take()
    appliance = Units(CONFIG)
    appliance.unpack()
    appliance.start()
    appliance.up()
    phone.joins(SSID, CONFIG.passphrase)
    lab.tells(a_python_here=round(python_start(), 2))
    servers = {unit: appliance.main(unit) for unit in ("vestibule-portal.service",
               "vestibule-dns.service", "vestibule-dhcp.service", HOUSE)}  # fmt: skip

    trouble: dict[str, Callable[[], object]] = {
        "its address is gone": lambda: run("ip", "addr", "del", f"{ADDRESS}/22", "dev", "wlan0"),
        "its link is down": lambda: run("ip", "link", "set", "wlan0", "down"),
        "its interface is gone": lambda: run("iw", "dev", "wlan0", "del"),
    }
    for what, cause in trouble.items():
        began = time.monotonic()
        cause()
        lab.tells(trouble=what, **mended(phone, began, what))
    began = time.monotonic()
    hwsim.pull("wlan0")
    until(lambda: not active(AP), MENDED_SECONDS, "end of an access point without a radio")
    lab.tells(trouble="radio pulled", noticed=said_after(began, "is dead: its interface"))
    began = time.monotonic()
    hwsim.plug_in()
    lab.tells(trouble="radio plugged in", **mended(phone, began, ""))

    assert {unit: appliance.main(unit) for unit in servers} == servers
    appliance.stop()
    after = snapshot.take()
    # The radio is another one than it was, with another number; for the rest:
    assert {table: after[table] for table in TABLES} == {table: before[table] for table in TABLES}


def python_start() -> float:
    """Seconds of guest time that a Python with what a command needs takes to start: what all the
    other times are to be read by.
    """
    began = time.monotonic()
    run("/opt/vestibule/bin/python3", "-I", "-c", "import click, hotspot.netlink, pyroute2")
    return time.monotonic() - began


def mended(phone: Phone, began: float, what: str) -> dict[str, float]:
    """Seconds until it was noticed, and until the phone had its page; both in guest time."""
    until(lambda: has_its_page(phone), MENDED_SECONDS, f"page after {what or 'plugging in'}")
    found = {"page": round(time.monotonic() - began, 1)}
    if what:
        found["noticed"] = noticed = said_after(began, f"is dead: {what}")
        assert noticed < NOTICED_SECONDS
    until(lambda: says("lives again", began), MENDED_SECONDS, "end of the repair")
    found["mended"] = said_after(began, "lives again")
    return found


def says(words: str, began: float) -> bool:
    """Whether the house has said so since."""
    return bool(said(words)) and said(words)[-1] >= began


def said(words: str) -> list[float]:
    """When (monotonic) the house has said this."""
    found = (re.match(r"\[ *([0-9.]+)\]", line) for line in journal("-u", HOUSE) if words in line)
    return [float(match[1]) for match in found if match]


def said_after(began: float, words: str) -> float:
    """Seconds from `began` to the house's line about it."""
    assert said(words), f"nobody said: {words}"
    return round(said(words)[-1] - began, 1)


def has_its_page(phone: Phone) -> bool:
    """Whether the phone, by itself on the access point again, gets the page."""
    try:
        return phone.asks(URL, seconds=5).status == 200
    except Refused:
        return False
