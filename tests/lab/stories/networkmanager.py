"""A computer with NetworkManager joins: it shows the page, and is online once it is released."""

from __future__ import annotations

from typing import Final

from tests.lab.guest.appliance import ADDRESS, URL, Config
from tests.lab.guest.lab import Lab

RADIOS: Final = 2
CONFIG: Final = Config()
# It asks again after 1, 2 and 4 seconds and then every 5; on a busy machine all is slower.
SECONDS: Final = 60.0


def tell(lab: Lab) -> None:
    """Its connectivity is `portal` until it asks to stay without Internet, and then `full`."""
    appliance = lab.appliance(CONFIG)
    appliance.ready()
    desktop = lab.desktop(radio=1)
    desktop.joins(CONFIG.ssid, CONFIG.passphrase)
    lab.tells(joined=CONFIG.ssid)
    assert desktop.told() == [ADDRESS]
    desktop.becomes("portal", SECONDS)
    lab.tells(connectivity=desktop.connectivity())

    desktop.posts(f"{URL}api/v1/release")
    desktop.becomes("full", SECONDS)
    lab.tells(connectivity=desktop.connectivity())
