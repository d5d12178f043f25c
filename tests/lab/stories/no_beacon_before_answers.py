"""Nothing is in the air before it can be answered, and nothing stays in the air after."""

from __future__ import annotations

from typing import Final

from tests.lab.guest import answers
from tests.lab.guest.appliance import ADDRESS, Config
from tests.lab.guest.lab import Lab

RADIOS: Final = 2
CONFIG: Final = Config()
SERVERS: Final = ("portal", "dnsd", "dnsmasq")


def tell(lab: Lab) -> None:
    """From the first beacon to the last, every question to DNS, DHCP and HTTP is answered."""
    air = lab.air(CONFIG.channel, radio=1)
    wire = answers.wire(CONFIG.interface, ADDRESS, "100.64.67.200/22")
    outside = lab.answers(*answers.ALL, namespace=wire)
    inside = lab.answers("dns", "http")

    appliance = lab.appliance(CONFIG)
    first, beacon = air.first(CONFIG.ssid.encode(), seconds=120)
    appliance.ready()
    for service in answers.ALL:
        outside.waits(service, 20, after=first)
    ended = appliance.ends("hostapd", *SERVERS)
    last = air.last(beacon.bssid)
    lab.tells(first_beacon=first, last_beacon=last, beacons=len(air.beacons))

    for service in ("dns", "http"):
        earliest = inside.right(service)[0].ended
        lab.tells(service=service, answered_before_first_beacon=round(first - earliest, 3))
        assert earliest < first, f"{service} answered {earliest - first:.3f} s after a beacon"
        assert (wrong := inside.wrong(service, after=first, before=last)) == [], wrong
    for service in answers.ALL:
        assert (wrong := outside.wrong(service, after=first, before=last)) == [], wrong
        lab.tells(service=service, answered=len(outside.right(service, after=first)))
    for server in SERVERS:
        lab.tells(server=server, ended_after_last_beacon=round(ended[server] - last, 3))
        assert last < ended[server], f"{server} ended {last - ended[server]:.3f} s before the air"
        assert ended["hostapd"] < ended[server], f"{server} ended before hostapd"
    latest = max(heard for heard, _ in air.beacons)
    assert latest == last, "somebody beacons after the end"
