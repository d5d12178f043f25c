"""SSIDs that break text: each is on the air, and joined, byte for byte."""

from __future__ import annotations

import dataclasses
from typing import Final

from tests.lab.guest.appliance import URL, Appliance, Config
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
CONFIG: Final = Config()
NAMES: Final = (
    "LRA-AN00%6149%HonorConnect",
    "Gästehaus Zürichsee 日本 ✓",
    # Leading space, both quotes, backslashes before letters that mean something, trailing space.
    " \"double\" 'single' \\n\\x41 $(id) ",
)


def tell(lab: Lab) -> None:
    """A watcher hears exactly the bytes; a phone joins by them and gets the page."""
    assert max(len(name.encode()) for name in NAMES) == 32
    air = lab.air(CONFIG.channel, radio=2)
    phone = lab.phone(radio=1)
    for name in NAMES:
        config = dataclasses.replace(CONFIG, ssid=name)
        with Appliance(config, lab.logs) as appliance:
            appliance.ready()
            _, beacon = air.first(name.encode(), seconds=10)
            assert phone.scans(config.channel)[name.encode()] == beacon.bssid
            phone.joins(name.encode(), config.passphrase)
            assert phone.asks(URL).status == 200
            lab.tells(name=name, beacon=str(beacon))
            phone.leaves()
            appliance.stop()
