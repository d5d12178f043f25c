"""With a certificate of its own: DHCP names the captive portal API, and TLS answers on the air."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.certificates import NAME, Shop, shop
from tests.lab.guest import namespaces, snapshot
from tests.lab.guest.appliance import Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run

RADIOS: Final = 2
SITE: Final = f"https://{NAME}/"
API: Final = f"{SITE}captive-portal/api"
PROBE: Final = "http://connectivitycheck.gstatic.com/generate_204"
# curl(1): a TLS handshake that failed.
CURL_TLS: Final = 35


@dataclass(frozen=True, slots=True)
class Named(Config):
    """The settings with a name, its certificate and its key."""

    certificate: str = ""
    key: str = ""

    def toml(self) -> str:
        """The usual file, with its own [portal]."""
        lines = {"name": NAME, "certificate": self.certificate, "key": self.key}
        portal = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
        return "\n".join(["[portal]", *portal, Config.toml(self)])


def tell(lab: Lab) -> None:
    """Announced, verified by who knows the root alone, released by it; then all is as before."""
    folder = Path("/run/lab/certificates")
    folder.mkdir(parents=True)
    made = shop(folder)
    config = Named(certificate=str(made.site.certificate), key=str(made.site.key))
    phone = lab.phone(radio=1)
    before = snapshot.take()
    appliance = lab.appliance(config)
    lab.tells(ready=appliance.ready())

    phone.associates(config.ssid.encode(), config.passphrase)
    assert bytes.fromhex(phone.leases()["opt114"]) == API.encode()

    assert json.loads(_curl(made, API)) == {"captive": True, "user-portal-url": SITE}
    assert "<form" in _curl(made, SITE)
    assert phone.asks(PROBE).status == 302
    assert json.loads(_curl(made, "--request", "POST", f"{SITE}api/v1/release"))["released"]
    assert json.loads(_curl(made, API))["captive"] is False
    assert phone.asks(PROBE).status == 204

    # A stranger's name is no reason for a warning to click away: TLS ends before there is one.
    refused = subprocess.run(_argv(made, "--insecure", "https://www.google.com/"), check=False)
    assert refused.returncode == CURL_TLS
    lab.tells(pss_mib=appliance.memory())

    appliance.stop()
    changed = snapshot.difference(before, snapshot.take())
    assert not changed, "\n".join(["not as before:", *changed[:60]])


def _curl(made: Shop, *words: str) -> str:
    """What the phone's curl gets, by the access point's resolver."""
    return run(*_argv(made, *words))


def _argv(made: Shop, *words: str) -> list[str]:
    trust = ["--cacert", str(made.root.certificate)]
    return [*namespaces.inside("phone"), "curl", "--silent", "--max-time", "20", *trust, *words]
