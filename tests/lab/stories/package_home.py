"""Under systemd, on a machine of NetworkManager's: set up by a phone, home, forgotten, and back."""

from __future__ import annotations

from typing import Final

from tests.lab.guest import units
from tests.lab.guest.appliance import RUNTIME, Config
from tests.lab.guest.filling_in import JOINS, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run, until
from tests.lab.guest.units import AP, COMMAND, HOUSE, Units, active

RADIOS: Final = 4
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 1500
FORMER: Final = HomeNetwork(b"Werkstatt", "a bench in the hall", channel=1)
HOME: Final = HomeNetwork(
    b"Zuhause", "an island in the sun", channel=6, address="192.168.88.1/24",
    lease_from="192.168.88.100", lease_to="192.168.88.200",
)  # fmt: skip
CONFIG: Final = Config(radio=("linger = 5",), tables=f'[home]\ninternet = "skipped"\n{JOINS}')
OURS: Final = "Vestibule: Zuhause"
HOME_SECONDS: Final = 200.0


def tell(lab: Lab) -> None:
    """The interface is NetworkManager's before; a phone's form has the machine join by the agent's
    unit and the trial's; the access point goes; forgotten, it is back; stopped, all is as before.
    """
    lab.home(FORMER, radio=2, name="workshop")
    lab.home(HOME, radio=3)
    caretaker = lab.caretaker(FORMER)
    caretaker.is_on("Werkstatt")
    before = caretaker.profiles()
    appliance = Units(CONFIG)
    appliance.unpack()
    appliance.start()
    appliance.up()
    assert caretaker.state()[0] == "10 (unmanaged)"

    phone = lab.phone(radio=1)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    told = sets_up(lab, phone, HOME)
    assert told.last["join"]["state"] == "connected", told.last
    lab.tells(pss_mib=appliance.memory())
    house = appliance.main(HOUSE)

    until(lambda: not active(AP), HOME_SECONDS, "end of the access point")
    caretaker.is_on(OURS, HOME_SECONDS)
    until(lambda: (RUNTIME / "house").read_text() == "home", HOME_SECONDS, "home")
    lab.tells(home=caretaker.state(), pss_mib=appliance.memory())

    run(COMMAND, "forget")
    appliance.up()
    assert caretaker.profiles() == before
    assert appliance.main(HOUSE) == house
    appliance.stop()
    caretaker.is_on("Werkstatt")
    lab.tells(after=caretaker.state(), restarts=appliance.restarts())
    assert not units.denials(), "\n".join(units.denials()[:40])
