"""Announced by multicast DNS: a phone finds the API on the air, and hears the goodbye."""

from __future__ import annotations

import json
import socket
import sys
from typing import Any, Final

from tests.lab.guest import namespaces, snapshot
from tests.lab.guest.appliance import ADDRESS, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import Program, run

RADIOS: Final = 2
LONG: Final = True
CONFIG: Final = Config(tables="[portal]\nmdns = true")
SERVICE: Final = "_vestibule._tcp.local."

# A real browser of services in the phone: it says what it finds, and what goes.
BROWSER: Final = """
import json, sys, threading
from zeroconf import IPVersion, ServiceBrowser, Zeroconf
address, service = sys.argv[1:]
gone = threading.Event()

def told(zeroconf, service_type, name, state_change):
    if state_change.name == "Removed":
        gone.set()
    elif state_change.name == "Added":
        threading.Thread(target=look, args=[name]).start()

def look(name):
    found = zeroconf.get_service_info(service, name, 20000)
    print("found", json.dumps({
        "name": found.name, "server": found.server, "port": found.port,
        "addresses": found.parsed_addresses(), "texts": found.decoded_properties,
    }), flush=True)

zeroconf = Zeroconf([address], ip_version=IPVersion.V4Only)
browser = ServiceBrowser(zeroconf, service, handlers=[told])
print("gone" if gone.wait(300) else "still there", flush=True)
zeroconf.close()
"""


def tell(lab: Lab) -> None:
    """Service, host and texts as they are; asked there it answers; gone before the air is."""
    phone = lab.phone(radio=1)
    before = snapshot.take()
    appliance = lab.appliance(CONFIG)
    lab.tells(ready=appliance.ready())
    phone.associates(CONFIG.ssid.encode(), CONFIG.passphrase)
    address = phone.leases()["ip"]

    argv = [*namespaces.inside("phone"), sys.executable, "-c", BROWSER, address, SERVICE]
    with Program(argv, lab.logs / "browser.log") as browser:
        found: dict[str, Any] = json.loads(browser.said("^found (.*)", 60)[1])
        lab.tells(found=found)
        assert found["name"] == f"{CONFIG.ssid}.{SERVICE}"
        assert found["server"] in {f"{socket.gethostname().lower()}.local.", "vestibule.local."}
        assert (found["port"], found["addresses"]) == (80, [ADDRESS])
        url = f"http://{found['texts']['host']}{found['texts']['path']}"
        assert json.loads(phone.asks(url).body)["url"] == f"http://{ADDRESS}/"
        asked = ("dig", "+short", "-p", "5353", f"@{ADDRESS}", found["server"])
        assert run(*namespaces.inside("phone"), *asked).split() == [ADDRESS]
        lab.tells(pss_mib=appliance.memory())

        ended = appliance.ends("portal.mdns", "hostapd")
        assert ended["portal.mdns"] < ended["hostapd"]
        assert browser.said("^(gone|still there)$", 30)[1] == "gone"

    changed = snapshot.difference(before, snapshot.take())
    assert not changed, "\n".join(["not as before:", *changed[:60]])
