"""NetworkManager and wpa_supplicant: told to leave the interface alone, and given it back.

NetworkManager takes no notice of an interface that is `unmanaged`. wpa_supplicant keeps its
interface, its networks and its process; DISCONNECT makes it sit still until RECONNECT, also
while the interface is an access point (seen with 2.10). So nothing has to be remembered that
they know better themselves.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import time
from pathlib import Path
from typing import Final

from hotspot.air import events
from hotspot.control import Control, ControlError
from hotspot.errors import Refused

NETWORK_MANAGER: Final = "NetworkManager"
WPA_SUPPLICANT: Final = "wpa_supplicant"

_SUPPLICANTS: Final = Path("/run/wpa_supplicant")
# NM_DEVICE_STATE_UNMANAGED (libnm, nm-dbus-interface.h).
_UNMANAGED: Final = "10"
# nmcli's own, for one answer; taking an interface out of use took it below 1 s.
_SECONDS: Final = 10.0

# What wpa_supplicant is in while it sits still. It is in them between two tries, too, which is
# why only one that has been told is believed.
_STILL: Final = frozenset({"DISCONNECTED", "INTERFACE_DISABLED", "INACTIVE"})


class Neighbours:
    """Who else looks after `interface`. `own_directory` is for our sockets while we ask."""

    def __init__(
        self, interface: str, own_directory: Path, supplicants: Path = _SUPPLICANTS
    ) -> None:
        self._interface = interface
        self._own = own_directory
        self._supplicant = supplicants / interface

    def holding(self, told: frozenset[str] = frozenset()) -> frozenset[str]:
        """Who holds the interface, of which those in `told` were told to let go before."""
        if self._device_state() not in {"", _UNMANAGED}:
            # Its wpa_supplicant comes and goes with it.
            return frozenset({NETWORK_MANAGER})
        state = self._supplicant_state()
        still = WPA_SUPPLICANT in told and state in _STILL
        return frozenset({WPA_SUPPLICANT}) if state and not still else frozenset()

    def manages(self) -> bool:
        """Whether NetworkManager runs at all."""
        return _network_manager("-g", "RUNNING", "general") == "running"

    def knows(self) -> bool:
        """Whether NetworkManager has noticed the interface."""
        return self._device_state() != ""

    def leave(self, by: str) -> None:
        """Have it let go of the interface. Raises `Refused` when it does not."""
        if by == WPA_SUPPLICANT:
            self._ask_supplicant("DISCONNECT")
            return
        _network_manager("device", "set", self._interface, "managed", "no")
        deadline = time.monotonic() + _SECONDS
        while self._device_state() not in {"", _UNMANAGED}:
            # Each question takes nmcli's own start, some 50 ms; nothing here spins.
            if time.monotonic() >= deadline:
                remedy = f"nmcli device set {self._interface} managed no"
                raise Refused(f"NetworkManager keeps {self._interface}", remedy)

    def give_back(self, by: str) -> None:
        """Let it look after the interface again; one that is gone needs nothing."""
        if by == WPA_SUPPLICANT:
            self._ask_supplicant("RECONNECT")
        else:
            _network_manager("device", "set", self._interface, "managed", "yes")

    def _device_state(self) -> str:
        """Its number, of `100 (connected)`; "" when NetworkManager is not there or knows none."""
        state = _network_manager("-g", "GENERAL.STATE", "device", "show", self._interface)
        return state.partition(" ")[0]

    def _supplicant_state(self) -> str:
        return events.pairs(self._ask_supplicant("STATUS")).get("wpa_state", "")

    def _ask_supplicant(self, command: str) -> str:
        with contextlib.suppress(ControlError), Control(self._supplicant, self._own) as control:
            return control.request(command)
        return ""


def _network_manager(*words: str) -> str:
    """nmcli's answer; "" where it is not installed, or has nothing to say."""
    # Its words for a program do not change, but those for people follow the language.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    with contextlib.suppress(FileNotFoundError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["nmcli", *words], capture_output=True, check=False, env=environment,
            stdin=subprocess.DEVNULL, text=True, timeout=_SECONDS,
        )  # fmt: skip
        return done.stdout.strip() if done.returncode == 0 else ""
    return ""


def silent_supplicant(interface: str, proc: Path = Path("/proc")) -> int | None:
    """The process id of a wpa_supplicant that was started for this interface; `None` for none.

    Asked when it has no control socket by which it could be told to sit still.
    """
    for entry in proc.iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if Path(words[0]).name == WPA_SUPPLICANT and _serves(words, interface):
                return int(entry.name)
    return None


def _serves(words: list[str], interface: str) -> bool:
    follows = any(pair == ("-i", interface) for pair in itertools.pairwise(words))
    return follows or f"-i{interface}" in words
