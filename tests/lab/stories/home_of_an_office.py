"""A network that asks for a user: PEAP and TTLS, its server known by its certificate, or not."""

from __future__ import annotations

from typing import Any, Final

from tests.lab.guest.appliance import Config
from tests.lab.guest.home import OWN, HomeNetwork
from tests.lab.guest.joining import READY_SECONDS, Watched
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run

RADIOS: Final = 3
LONG: Final = True
CONFIG: Final = Config(channel=6, radio=("linger = 3600",), tables='[home]\ninternet = "skipped"\n')
OFFICE: Final = HomeNetwork(b"Buero", "of anna, not of bert", channel=6, security="enterprise")
FIXED: Final = {"address": "192.168.77.50/24", "gateway": OFFICE.router, "dns": [OFFICE.router]}


def tell(lab: Lab) -> None:
    """Without a user it says so; the right one gets in, if the server is right too."""
    phone = lab.phone(radio=1)
    lab.home(OFFICE, radio=2)
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    watched = Watched(lab, phone)

    watched.join("needs_username", OFFICE, security="enterprise", passphrase=None)

    user: dict[str, Any] = {
        "security": "enterprise",
        "passphrase": None,
        "identity": OFFICE.user,
        "password": OFFICE.passphrase,
    }
    watched.join("wrong_password", OFFICE, **user | {"password": "of bert, not of anna"})

    told = watched.join("connected", OFFICE, **user, method="ttls")
    assert told.outcome["internet"] is None

    # Nobody looks after the network here, so nobody would set it: refused before it is tried.
    told = watched.join("failed", OFFICE, **user, address=FIXED)
    assert "fixed address" in told.outcome["what"]

    known = (OWN / "home.pem").read_text()
    watched.join("connected", OFFICE, **user, method="peap", ca=known)

    # Somebody else's access point of that name, asking for the user's password.
    other = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-keyout", "/run/lab/other.key", "-out", "/run/lab/other.pem"]
    run("openssl", *other, "-subj", "/CN=other.example", "-days", "30", *files)
    stranger = (OWN / "other.pem").read_text()
    watched.join("not_supported", OFFICE, **user, ca=stranger)
    appliance.stop()
