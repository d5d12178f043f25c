"""NetworkManager as the owner: what is kept becomes a profile of its, and what was there stays."""

from __future__ import annotations

from typing import Final

from hotspot import settings
from hotspot.config.values import Secret
from hotspot.owner.networkmanager import NetworkManager
from hotspot.owner.opening import opened
from hotspot.uplink.wanted import Wanted
from tests.lab.guest.appliance import RUNTIME, Config
from tests.lab.guest.caretaker import CONNECTIONS, Caretaker
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
LONG: Final = True
CONFIG: Final = Config()
FORMER: Final = HomeNetwork(b"Werkstatt", "a bench in the hall", channel=1)
HOME: Final = HomeNetwork(
    b"Zu\xffhause", "an island in the sun", channel=6, address="192.168.88.1/24",
    lease_from="192.168.88.100", lease_to="192.168.88.200",
)  # fmt: skip
OURS: Final = "Vestibule: Zu\\xffhause"


def tell(lab: Lab) -> None:
    """A profile beside the former one, joined by it once the access point is gone; when it is out
    of reach back on the former; and forgotten, the former alone.
    """
    lab.home(FORMER, radio=1, name="workshop")
    lab.home(HOME, radio=2)
    caretaker = lab.caretaker(FORMER)
    caretaker.is_on("Werkstatt")
    before = caretaker.profiles()

    appliance = lab.appliance(CONFIG)
    appliance.ready()
    assert caretaker.state()[0] == "10 (unmanaged)"
    owner = opened(settings.parse(CONFIG.toml(), file="config"), "wlan0", RUNTIME)
    assert isinstance(owner, NetworkManager)
    assert owner.kept() is None
    owner.keep(Wanted(ssid=HOME.ssid, passphrase=Secret(HOME.passphrase)), "one", "wlan0")
    (file,) = caretaker.profiles().keys() - before.keys()
    assert (CONNECTIONS / file).stat().st_mode & 0o777 == 0o600
    assert HOME.passphrase in (CONNECTIONS / file).read_text()
    assert caretaker.state()[0] == "10 (unmanaged)"
    lab.tells(kept=owner.kept(), file=file)

    appliance.stop()
    assert owner.settle("wlan0", 90)
    caretaker.is_on(OURS)
    assert owner.is_home("wlan0")
    lab.tells(settled=caretaker.state())
    comes_back(lab, caretaker, owner)

    assert owner.forget() == b"Gone"
    assert caretaker.profiles() == before
    caretaker.is_on("Werkstatt")
    lab.tells(forgotten=caretaker.state())


def comes_back(lab: Lab, caretaker: Caretaker, owner: NetworkManager) -> None:
    """A network that has gone in between: back to what there was, and nothing is lost."""
    profiles = caretaker.profiles().keys()
    owner.keep(Wanted(ssid=b"Gone", passphrase=Secret("nobody is there")), "two", "wlan0")
    assert not owner.settle("wlan0", 40)
    caretaker.is_on(OURS)
    assert profiles < caretaker.profiles().keys()
    lab.tells(rolled_back=caretaker.state())
