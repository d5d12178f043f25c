"""Radios pulled and plugged in while the guest runs: mac80211_hwsim's own netlink commands."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path
from typing import Final

from hotspot.netlink import ACK, Generic
from tests.lab.guest.program import until

# drivers/net/wireless/virtual/mac80211_hwsim.h
_FAMILY: Final = "MAC80211_HWSIM"
_NEW_RADIO, _DEL_RADIO = 4, 5
_CHANNELS, _RADIO_NAME = 9, 17
_RADIOS: Final = Path("/sys/class/ieee80211")
_SECONDS: Final = 20.0


def pull(interface: str) -> None:
    """Destroy the radio behind an interface, as if a dongle had been pulled."""
    name = Path(f"/sys/class/net/{interface}/phy80211/name").read_text().strip()
    with Generic(_FAMILY) as kernel:
        kernel.ask(_DEL_RADIO, ACK, {_RADIO_NAME: name.encode() + b"\0"})


def plug_in() -> None:
    """A new radio with one channel; its interface has the first name that is free."""
    before = {*_RADIOS.iterdir()}
    # The kernel answers with the radio's number where others have that of an error.
    with Generic(_FAMILY) as kernel, contextlib.suppress(OSError):
        kernel.ask(_NEW_RADIO, ACK, {_CHANNELS: struct.pack("=I", 1)})
    until(lambda: {*_RADIOS.iterdir()} > before, _SECONDS, "new radio")
