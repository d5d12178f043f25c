"""The Debian package on a machine with systemd: installed, a phone joins, a person fills in."""

from __future__ import annotations

import re
import time
from typing import Final
from urllib.parse import urlencode

from tests.lab.guest import snapshot, units
from tests.lab.guest.appliance import ADDRESS, URL, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Phone
from tests.lab.guest.program import until
from tests.lab.guest.units import Units

RADIOS: Final = 2
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 900
CONFIG: Final = Config()
WISPR: Final = "CaptiveNetworkSupport-514.120.2 wispr"
PROBE: Final = "http://captive.apple.com/hotspot-detect.html"
FORM: Final = {"ssid": "Zuhause", "passphrase": "an island in the sun"}


def tell(lab: Lab) -> None:
    """Installed, it is on by itself; probe, page, form, delivery; nothing was denied to it; when
    it is stopped the machine is as before.
    """
    phone = lab.phone(radio=1)
    before = snapshot.take()
    appliance = Units(CONFIG)
    lab.tells(installed_in_seconds=round(appliance.install(), 1))
    began = time.monotonic()
    appliance.up()
    lab.tells(on_the_air_after_seconds=round(time.monotonic() - began, 1))

    completes_set_up(lab, phone, appliance)
    lab.tells(pss_mib=appliance.memory())
    lab.tells(restarts=appliance.restarts())

    appliance.stop()
    changed = snapshot.difference(before, snapshot.take())
    assert not changed, "\n".join(["not as before:", *changed[:60]])
    assert not units.denials(), "\n".join(units.denials()[:40])


def completes_set_up(lab: Lab, phone: Phone, appliance: Units) -> None:
    """Join, lease, name, probe, page, form, record, delivery."""
    phone.associates(CONFIG.ssid.encode(), CONFIG.passphrase)
    lease = phone.leases()
    assert lease["router"] == lease["dns"] == ADDRESS
    assert phone.resolves("captive.apple.com") == [ADDRESS]
    probe = phone.asks(PROBE, agent=WISPR)
    assert (probe.status, probe.header("Location")) == (302, URL)
    page = phone.asks(URL)
    signed = re.search(rb"name=token value=([0-9a-f.]+)", page.body)
    assert signed, page.body
    sent = phone.asks(
        f"{URL}setup",
        method="POST",
        body=urlencode({**FORM, "token": signed[1].decode()}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert sent.status == 303, sent.body
    identity = sent.header("Location").rpartition("/")[2]
    until(lambda: appliance.records()[0]["state"] == "delivered", 60, "delivery")
    assert [record["id"] for record in appliance.records()] == [identity]
    lab.tells(set_up=identity)
