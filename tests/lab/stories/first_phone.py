"""The main job: a phone joins, its captive check is answered, a person fills in the form."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from tests.lab.guest import snapshot
from tests.lab.guest.appliance import ADDRESS, URL, Config
from tests.lab.guest.lab import Lab

RADIOS: Final = 2
CONFIG: Final = Config()
WISPR: Final = "CaptiveNetworkSupport-514.120.2 wispr"
PROBE: Final = "http://captive.apple.com/hotspot-detect.html"
FORM: Final = {"ssid": "Zuhause", "passphrase": "an island in the sun"}


def tell(lab: Lab) -> None:
    """Join, lease, name, probe, page, form, record, delivery; then the machine is as before."""
    phone = lab.phone(radio=1)
    before = snapshot.take()
    appliance = lab.appliance(CONFIG)
    lab.tells(ready=appliance.ready())

    phone.associates(CONFIG.ssid.encode(), CONFIG.passphrase)
    lease = phone.leases()
    lab.tells(lease=lease)
    assert lease["router"] == lease["dns"] == ADDRESS
    assert phone.resolves("captive.apple.com") == [ADDRESS]

    probe = phone.asks(PROBE, agent=WISPR)
    assert (probe.status, probe.header("Location")) == (302, URL)
    page = phone.asks(URL)
    assert page.status == 200
    signed = re.search(rb"name=token value=([0-9a-f.]+)", page.body)
    assert signed, page.body

    sent = phone.asks(
        f"{URL}setup",
        method="POST",
        body=urlencode({**FORM, "token": signed[1].decode()}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert sent.status == 303, sent.body
    outcome = sent.header("Location")
    assert phone.asks(outcome).status == 200
    identity = outcome.rpartition("/")[2]

    document = appliance.delivered()
    assert document["id"] == identity
    assert [record["id"] for record in appliance.records()] == [identity]
    assert FORM["passphrase"] not in phone.asks(outcome).body.decode()
    lab.tells(pss_mib=appliance.memory())

    appliance.stop()
    changed = snapshot.difference(before, snapshot.take())
    assert not changed, "\n".join(["not as before:", *changed[:60]])
