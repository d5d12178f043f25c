"""The radio agent dies in the middle of a join: nothing of it stays, and the next join succeeds."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

from hotspot.agent import asking
from hotspot.errors import Refused
from tests.lab.guest.appliance import RUNTIME, URL, Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import until

RADIOS: Final = 3
LONG: Final = True
CONFIG: Final = Config(radio=("linger = 300",))
HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=CONFIG.channel)
SOCKET: Final = RUNTIME / asking.SOCKET
NETWORK: Final = {"ssid": HOME.ssid.hex(), "passphrase": HOME.passphrase, "security": "wpa2"}
STATION: Final = Path("/sys/class/net/vestibule0")
BACK_SECONDS: Final = 60.0


def tell(lab: Lab) -> None:
    """Its station goes, the phone's page stays, the join has failed, and the home is joined."""
    lab.home(HOME, radio=2)
    phone = lab.phone(radio=1)
    appliance = lab.appliance(CONFIG)
    appliance.ready(240)
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)

    events = asking.ask(SOCKET, {"verb": "join", "key": "cut-off", "network": NETWORK})
    while next(events).get("step") != "authenticated":
        pass
    assert STATION.exists()
    os.kill(appliance.pid("hotspot.agent"), signal.SIGKILL)
    try:
        lab.tells(left=[*events])
    except Refused as refusal:
        lab.tells(asker_hears=str(refusal))

    until(lambda: not STATION.exists(), BACK_SECONDS, "the station interface to go")
    *_, last = asking.ask(SOCKET, {"verb": "follow", "key": "cut-off"})
    lab.tells(last=last)
    assert (last["outcome"], last["step"]) == ("failed", "authenticated")
    assert asking.answer(SOCKET, {"verb": "status"})["kept"] is None
    assert phone.asks(URL).status == 200

    outcome = asking.answer(SOCKET, {"verb": "join", "key": "again", "network": NETWORK})
    lab.tells(outcome=outcome)
    assert outcome["outcome"] == "connected"
    assert phone.asks(URL).status == 200
    assert asking.answer(SOCKET, {"verb": "forget"})["ssid"] == HOME.ssid.hex()
    appliance.stop()
