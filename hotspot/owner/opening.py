"""The owner of this machine's home network, opened by the settings and by what was found here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspot.machine import journal
from hotspot.machine.neighbours import Neighbours
from hotspot.owner.choosing import Name, chosen

if TYPE_CHECKING:
    from pathlib import Path

    from hotspot.owner.port import Owner
    from hotspot.settings import Settings


def opened(settings: Settings, interface: str, runtime: Path) -> Owner:
    """The owner. `runtime` has the journal of the run, if there is one, and takes our sockets.

    Loads only the one that is opened: jeepney costs 3 MiB, and is not everywhere. Raises
    `Refused` when it would be needed and is not there.
    """
    if named(settings, interface, runtime) == "networkmanager":
        from hotspot.owner.networkmanager import NetworkManager  # noqa: PLC0415 - see above

        return NetworkManager()
    from hotspot.owner.wpa_supplicant import WpaSupplicant  # noqa: PLC0415 - see above

    return WpaSupplicant(settings.radio.country, runtime)


def named(settings: Settings, interface: str, runtime: Path) -> Name:
    """Which of the two it is."""
    return chosen(settings.home.owner, holders(interface, runtime))


def holders(interface: str, runtime: Path) -> frozenset[str]:
    """Who held the interface before we took it, or holds it now if we have not."""
    found = journal.read(runtime)
    if found is not None and found.before.interface == interface:
        return found.before.held_by
    return Neighbours(interface, runtime).holding()
