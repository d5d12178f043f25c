"""A machine on which all is well, and ways to make it worse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hotspot import settings as told
from hotspot.air.nl80211 import Adapter, Combination, Frequency
from hotspot.doctor.facts import Clock, Disk, Facts, Radio
from hotspot.settings import Settings

BOTH = Combination(((1, frozenset({"ap"})), (1, frozenset({"station"}))), 2, 1)
CHANNELS = (
    *(Frequency(2407 + 5 * n) for n in range(1, 14)),
    Frequency(5180),
    Frequency(5200),
    Frequency(5260, no_ir=True, radar=True),
)
ADAPTER = Adapter(
    "wlan0", 3, 0, frozenset({"ap", "station"}), (BOTH,), announces=True, frequencies=CHANNELS
)
RADIO = Radio(adapter=ADAPTER, driver="brcmfmac", saves_power=False)
SETTINGS = Settings(radio=told.Radio(country="DE"))
MIB = 1 << 20


def radio(**changes: Any) -> Radio:
    """wlan0, with changes to the adapter where they are its own."""
    own = {name: changes.pop(name) for name in [*changes] if hasattr(ADAPTER, name)}
    return replace(RADIO, adapter=replace(ADAPTER, **own), **changes)


def facts(**changes: Any) -> Facts:
    """A machine with wlan0 on which nothing is wrong, but for the changes."""
    found: dict[str, Any] = {
        "root": True,
        "file": "/etc/vestibule/config.toml",
        "clock": Clock(1_800_000_000.0, 1_700_000_000.0, synchronized=True),
        "settings": SETTINGS,
        "radios": (RADIO,),
        "country": "DE",
        "disk": Disk(900 * MIB, 4_000 * MIB),
        "run": 17,
    }
    return Facts(**(found | changes))
