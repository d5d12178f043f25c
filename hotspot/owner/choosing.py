"""Which of the two looks after the home network here: `home.owner`, or whoever already does."""

from __future__ import annotations

from typing import Final, Literal

Name = Literal["networkmanager", "wpa_supplicant"]

# As `hotspot.machine.neighbours` calls it.
_NETWORK_MANAGER: Final = "NetworkManager"


def chosen(setting: str, held_by: frozenset[str]) -> Name:
    """The owner by the setting; for "auto" by who `held_by` the interface before we took it.

    A NetworkManager that runs and was told to leave the interface alone (`unmanaged-devices`)
    held nothing, and will not join by it either.
    """
    if setting == "networkmanager" or (setting == "auto" and _NETWORK_MANAGER in held_by):
        return "networkmanager"
    return "wpa_supplicant"
