"""A guest that keeps one home network after the other until its power goes: `… keeping OWNER`.

Before each it says that it begins, after each that it is done, on the host's own disk.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from hotspot.config.values import Secret
from hotspot.owner.networkmanager import NetworkManager
from hotspot.owner.port import Owner
from hotspot.owner.wpa_supplicant import WpaSupplicant
from hotspot.uplink.wanted import Wanted
from tests.lab.guest.caretaker import Caretaker
from tests.lab.guest.lab import SHARE
from tests.lab.guest.lasting import mounted

MOST: Final = 30


def main() -> int:
    """Until the networks are used up."""
    with mounted("/dev/vda"):
        if sys.argv[1] == "networkmanager":
            with Caretaker("wlan0", SHARE):
                keep(NetworkManager())
        else:
            Path("/run/vestibule").mkdir()
            keep(WpaSupplicant("DE", Path("/run/vestibule")))
    return 0


def keep(owner: Owner) -> None:
    """Network after network, each with a key and a passphrase that tell its number."""
    with (SHARE / "told.jsonl").open("w", buffering=1) as told:
        for number in range(1, MOST + 1):
            told.write(json.dumps({"begins": number}) + "\n")
            passphrase = Secret(f"passphrase {number}")
            wanted = Wanted(ssid=b"home %d" % number, passphrase=passphrase)
            owner.keep(wanted, f"key-{number}", "wlan0")
            told.write(json.dumps({"kept": number}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
