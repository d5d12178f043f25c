"""The machine goes home, loses its network, is an access point again, and goes home again."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path
from typing import Final

from tests.lab.guest.appliance import RUNTIME, URL, Config
from tests.lab.guest.caretaker import Caretaker
from tests.lab.guest.control import Unheard
from tests.lab.guest.filling_in import JOINS, READY_SECONDS, sets_up
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Phone
from tests.lab.guest.program import run, until

RADIOS: Final = 3
LONG: Final = True
# Two lives of the access point, and waiting for what must not happen: 4 minutes alone.
MOST_SECONDS: Final = 900
RADIO: Final = ("linger = 15", "return_after = 30")
CONFIG: Final = Config(channel=6, radio=RADIO, tables=JOINS)
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=11, internet="yes")
CONNECTED: Final = "100 (connected)"
# Longer than until the first look.
LOOK_SECONDS: Final = 80.0
# The way down and NetworkManager's own, the way up with its scan and its self-test.
SECONDS: Final = 300.0


def tell(lab: Lab) -> None:
    """Home; gone for long enough, back on the air; not home while a phone is on, then home."""
    phone = lab.phone(radio=1)
    home = lab.home(HOME, radio=2)
    keeper = lab.scene.enter_context(Caretaker(CONFIG.interface, lab.logs))
    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    assert place() == "serving"
    goes_home(lab, phone, keeper)
    lab.tells(pss_mib=appliance.memory())

    began = time.monotonic()
    home.off()
    becomes(lab, "away", began)
    appliance.run.said("^vestibule ready: ", SECONDS, since=began)
    phone.control.hears("CTRL-EVENT-CONNECTED", SECONDS, since=began)
    phone.leases()
    # The page, or the way to what came of the last set-up from this phone.
    assert phone.asks(URL).status in {200, 302}
    lab.tells(page_again_after=round(time.monotonic() - began, 1))

    home.on()
    stays_while_somebody_is_on(phone)
    began = time.monotonic()
    phone.leaves()
    becomes(lab, "home", began)
    assert keeper.state()[0] == CONNECTED
    appliance.stop()
    assert keeper.state()[0] == CONNECTED


def goes_home(lab: Lab, phone: Phone, keeper: Caretaker) -> None:
    """The person reads "connected", and a while later the access point has gone."""
    began = time.monotonic()
    reading = sets_up(lab, phone, HOME)
    assert reading.last["join"]["outcome"] == "connected", reading.last
    assert place() == "lingering"
    phone.control.hears("CTRL-EVENT-DISCONNECTED", SECONDS, since=began)
    becomes(lab, "home", began)
    assert keeper.state()[0] == CONNECTED
    listening = run("ss", "-Hltn")
    assert not re.search(r"[:.]80\s", listening), listening


def stays_while_somebody_is_on(phone: Phone) -> None:
    """It would be looked for a minute after the access point came up, but is not."""
    began = time.monotonic()
    with contextlib.suppress(Unheard):
        event = phone.control.hears("CTRL-EVENT-DISCONNECTED", LOOK_SECONDS)
        raise AssertionError(f"thrown off after {time.monotonic() - began} s: {event}")
    assert place() == "away"


def place() -> str:
    """Where the appliance says it is."""
    return (Path(RUNTIME) / "house").read_text()


def becomes(lab: Lab, wanted: str, began: float) -> None:
    """Until the appliance says it is there."""
    until(lambda: place() == wanted, SECONDS, f"word that it is {wanted}")
    lab.tells(place=wanted, after=round(time.monotonic() - began, 1))
