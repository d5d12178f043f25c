"""NetworkManager looks after the interface before and after; between, a home network is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hotspot.agent import asking
from tests.lab.guest.appliance import RUNTIME, Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab

RADIOS: Final = 3
LONG: Final = True
FORMER: Final = HomeNetwork(b"Werkstatt", "a bench in the hall", channel=1)
HOME: Final = HomeNetwork(
    b"Zuhause", "an island in the sun", channel=6, address="192.168.88.1/24",
    lease_from="192.168.88.100", lease_to="192.168.88.200",
)  # fmt: skip
TABLES: Final = '[home]\ninternet = "skipped"\n'
CONFIG: Final = Config(radio=("linger = 5",), tables=TABLES)
OURS: Final = "Vestibule: Zuhause"
# All steps in an emulator, with others beside it.
READY_SECONDS: Final = 240.0
JOIN_SECONDS: Final = 200.0
HOME_SECONDS: Final = 150.0


def tell(lab: Lab) -> None:
    """A wrong password leaves its profiles alone; the right one adds one, by which it is joined
    once the access point has gone.
    """
    lab.home(FORMER, radio=1, name="workshop")
    lab.home(HOME, radio=2)
    caretaker = lab.caretaker(FORMER)
    caretaker.is_on("Werkstatt")
    before = caretaker.profiles()

    appliance = lab.appliance(CONFIG)
    appliance.ready(READY_SECONDS)
    assert caretaker.state()[0] == "10 (unmanaged)"
    wrong = join("wrong", "an island in the rain")
    assert wrong["outcome"] == "wrong_password", wrong
    assert caretaker.profiles() == before
    assert asking.answer(RUNTIME / asking.SOCKET, {"verb": "status"})["kept"] is None
    lab.tells(wrong=wrong)

    right = join("right", HOME.passphrase)
    assert right["outcome"] == "connected", right
    assert caretaker.profiles().items() > before.items()
    kept = asking.answer(RUNTIME / asking.SOCKET, {"verb": "status"})["kept"]
    assert kept == {"key": "right", "ssid": HOME.ssid.hex()}
    lab.tells(right=right, kept=kept)

    caretaker.is_on(OURS, HOME_SECONDS)
    assert caretaker.profiles().items() > before.items()
    lab.tells(home=caretaker.state())
    appliance.stop()
    caretaker.is_on(OURS)
    assert caretaker.profiles().items() > before.items()


def join(key: str, passphrase: str) -> Mapping[str, Any]:
    """How the attempt ended."""
    network = {"ssid": HOME.ssid.hex(), "passphrase": passphrase}
    request = {"verb": "join", "key": key, "network": network}
    told = list(asking.ask(RUNTIME / asking.SOCKET, request, patience=JOIN_SECONDS))
    return told[-1]
