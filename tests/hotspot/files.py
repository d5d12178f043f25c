"""Settings files: the smallest, one with every key, and how one is refused."""

from __future__ import annotations

import pytest

from hotspot import settings
from hotspot.settings import Invalid

COUNTRY = '[radio]\ncountry = "DE"\n'
FULL = """\
[radio]
interface = "wlan0"
country = "DE"
ssid = "Küche 📶"
passphrase = "correct horse"
channel = 36
security = "wpa2-wpa3"
follow = "restart"
linger = 5
start = "button"
idle_off = 60
button = "GPIO17"
return_after = 90
[network]
address = "10.0.0.254/24"
lease = 120
[home]
internet = "required"
owner = "wpa_supplicant"
[portal]
threads = 4
mdns = true
name = "Setup.Example.com"
certificate = "/etc/vestibule/fullchain.pem"
key = "/etc/vestibule/key.pem"
[dns]
ttl = 5
[provisioning]
joins = false
[brand]
name = "Kaffeeklatsch"
color = "#6B3E26"
logo = "/etc/vestibule/logo.svg"
support = { en = "Call 0800", de = "Rufen Sie 0800 an" }
templates = "/etc/vestibule/templates"
[delivery.keep]
backend = "file"
directory = "/srv/answers"
[delivery.second-copy]
backend = "file"
"""


def problems(text: str) -> list[str]:
    """The lines with which a file is refused."""
    with pytest.raises(Invalid) as refused:
        settings.parse(text, file="c.toml")
    assert str(refused.value).splitlines() == [str(each) for each in refused.value.problems]
    return str(refused.value).splitlines()
