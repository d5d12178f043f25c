"""Each program killed, and each out of memory, in turn: it is back, and nobody else noticed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tests.lab.guest.appliance import Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run, until
from tests.lab.guest.units import AP, HOUSE, Units, systemctl

if TYPE_CHECKING:
    from collections.abc import Callable

RADIOS: Final = 2
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 900
CONFIG: Final = Config()
SSID: Final = CONFIG.ssid.encode()
PORTAL: Final = "vestibule-portal.service"
DNS: Final = "vestibule-dns.service"
DHCP: Final = "vestibule-dhcp.service"
# A pause of 0.5 to 1 s, then the program's own start: on a Raspberry Pi below 3 s for any of them.
# Here Python starts twenty times slower, and others work beside it.
BACK_SECONDS: Final = 60.0
UNITS: Final = (DNS, PORTAL, DHCP, HOUSE, AP)


def tell(lab: Lab) -> None:
    """Killed with signal 9, then by the kernel for want of memory: back within 60 s of guest time,
    which were seconds on a machine; every other process is the one it was.
    """
    phone = lab.phone(radio=1)
    appliance = Units(CONFIG)
    appliance.unpack()
    appliance.start()
    appliance.up()
    phone.joins(SSID, CONFIG.passphrase)
    services = lab.answers("dns", "http", namespace=phone.name)
    services.waits("http", 30, after=0)

    for unit in UNITS:
        lab.tells(killed=unit, back=back(appliance, unit, kill))
    for unit in UNITS:
        lab.tells(starved=unit, back=back(appliance, unit, starve))
    services.waits("dns", 60, after=time.monotonic())
    services.waits("http", 60, after=time.monotonic())
    appliance.stop()


def kill(unit: str) -> None:
    """Signal 9 to all of a unit."""
    systemctl("kill", "--signal=KILL", unit)


def starve(unit: str) -> None:
    """Less memory than it has, until the kernel has killed it."""
    before = int(systemctl("show", "--value", "-p", "NRestarts", unit))
    limit = systemctl("show", "--value", "-p", "MemoryMax", unit).strip()
    run("systemctl", "set-property", "--runtime", unit, "MemoryMax=256K")
    until(lambda: is_starved(unit, before), BACK_SECONDS, f"{unit} out of memory")
    run("systemctl", "set-property", "--runtime", unit, f"MemoryMax={limit}")


def is_starved(unit: str, before: int) -> bool:
    """Whether systemd has seen it killed."""
    found = systemctl("show", "--value", "-p", "NRestarts", "-p", "Result", unit).split()
    return "oom-kill" in found or int(found[-1] if found[-1].isdecimal() else found[0]) > before


def back(appliance: Units, unit: str, cause: Callable[[str], None]) -> float:
    """Seconds until the unit is up again after that; the other programs are those they were."""
    others = {other: appliance.main(other) for other in UNITS if other != unit}
    former = appliance.main(unit)
    cause(unit)
    seconds = appliance.renewed(unit, former, BACK_SECONDS)
    assert {other: appliance.main(other) for other in others} == others
    return seconds
