"""The clock jumps by years, as on a board without a battery when the time comes: nobody notices."""

from __future__ import annotations

import time
from typing import Final

from tests.lab.guest.appliance import ADDRESS, URL, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run
from tests.lab.guest.units import STAYING, Units

RADIOS: Final = 2
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 900
CONFIG: Final = Config()
JUMPS: Final = ("1970-01-02", "2036-01-01", "2026-06-01")
# Longer than the house's look at the programs, and than a chore of the portal's.
QUIET_SECONDS: Final = 12.0


def tell(lab: Lab) -> None:
    """Back to 1970, ten years on, and to the day: page and names are there at once after each,
    a phone renews its lease, and no process was started anew.
    """
    phone = lab.phone(radio=1)
    appliance = Units(CONFIG)
    appliance.unpack()
    appliance.start()
    appliance.up()
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    before = {unit: appliance.main(unit) for unit in STAYING}
    for jump in JUMPS:
        run("date", "-s", jump)
        began = time.monotonic()
        assert phone.asks(URL).status == 200
        assert phone.resolves("captive.apple.com") == [ADDRESS]
        lab.tells(jump=jump, answered_after=round(time.monotonic() - began, 1))
        time.sleep(QUIET_SECONDS)
        assert phone.leases()["router"] == ADDRESS
        assert {unit: appliance.main(unit) for unit in STAYING} == before
    assert not any(appliance.restarts().values()), appliance.restarts()
    appliance.stop()
