"""Radios pulled and plugged in while the guest runs: mac80211_hwsim's own netlink commands."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from hotspot.netlink import ACK, Generic

# drivers/net/wireless/virtual/mac80211_hwsim.h
_FAMILY: Final = "MAC80211_HWSIM"
_NEW_RADIO, _DEL_RADIO = 4, 5
_CHANNELS, _RADIO_NAME = 9, 17


def pull(interface: str) -> None:
    """Destroy the radio behind an interface, as if a dongle had been pulled."""
    name = Path(f"/sys/class/net/{interface}/phy80211/name").read_text().strip()
    with Generic(_FAMILY) as kernel:
        kernel.ask(_DEL_RADIO, ACK, {_RADIO_NAME: name.encode() + b"\0"})


def plug_in() -> None:
    """A new radio with one channel; its interface has the first name that is free."""
    with Generic(_FAMILY) as kernel:
        kernel.ask(_NEW_RADIO, ACK, {_CHANNELS: struct.pack("=I", 1)})
