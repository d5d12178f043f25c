"""What an attempt is made with: the real station, supplicant, DHCP client and trial.

A port with one implementation that needs a radio; tests have fakes.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final, Protocol

from hotspot.air.wireless import Wireless, index_of
from hotspot.netlink import Links
from hotspot.uplink import dhcp, interface
from hotspot.uplink.inside import DESK, Inside
from hotspot.uplink.supplicant import Supplicant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hotspot.uplink.interface import Station
    from hotspot.uplink.lease import Lease
    from hotspot.uplink.sighting import Able, Seen
    from hotspot.uplink.verdict import Word
    from hotspot.uplink.waiting import Patience
    from hotspot.uplink.wanted import Wanted

    Wait = Callable[[int, float], bool]

# udhcpc gives up by itself after 14 s; this is for one that hangs.
_LEASE_SECONDS: Final = 30.0


class Supplicating(Protocol):
    """What of `hotspot.uplink.supplicant.Supplicant` an attempt needs."""

    def able(self) -> Able:
        """What supplicant and driver can do."""
        ...

    def frequencies(self) -> list[int]:
        """The channels that may be used, in MHz."""
        ...

    def forget_heard(self) -> None:
        """Begin anew with what has been heard."""
        ...

    def look(self, wanted: Wanted, frequency: int) -> list[Seen]:
        """The access points heard by that name, after one more channel."""
        ...

    def certificates(self, text: str | None) -> str:
        """The path of a file with these certificates, "" for none."""
        ...

    def take(self, variables: Iterable[tuple[str, str]], frequency: int) -> None:
        """Try the network."""
        ...

    def leave(self) -> None:
        """Forget it."""
        ...

    def words(self, deadline: float) -> Iterator[Word]:
        """What is said from now on, until the deadline."""
        ...

    def said(self) -> list[Word]:
        """What has been said by now."""
        ...

    def fileno(self) -> int:
        """Readable when something was said."""
        ...


class Looking(Protocol):
    """What of `hotspot.uplink.inside.Inside` an attempt needs."""

    def enter(self, index: int) -> None:
        """Go behind the station interface."""
        ...

    def take(self, found: Lease, seconds: float) -> None:
        """Take the address."""
        ...

    def gateway_answers(self, found: Lease, seconds: float) -> bool:
        """Whether the gateway is there."""
        ...

    def reach(self, found: Lease, seconds: float) -> tuple[str, str]:
        """How far the network leads, and a portal's URL."""
        ...


class Means(Protocol):
    """What makes the parts of an attempt; each is gone when its block ends."""

    def frequency(self) -> int:
        """Where the access point is now, in MHz; 0 for nowhere."""
        ...

    def beside(self) -> AbstractContextManager[Station]:
        """A station beside the access point. Raises `OSError` where there can be none."""
        ...

    def in_its_place(self) -> AbstractContextManager[Station]:
        """The access point's interface as the station. Raises `OSError`."""
        ...

    def supplicant(
        self, station: Station, folder: Path, patience: Patience
    ) -> AbstractContextManager[Supplicating]:
        """A supplicant for the station."""
        ...

    def lease(self, station: Station, wait: Wait) -> Lease:
        """A lease for the station."""
        ...

    def inside(self, wait: Wait) -> AbstractContextManager[Looking]:
        """Somebody who will look around inside the home network."""
        ...


class Real:
    """The real means, for the access point's `interface`."""

    def __init__(self, interface: str, runtime: Path, hostname: str) -> None:
        self._interface = interface
        self._runtime = runtime
        self._hostname = hostname

    def frequency(self) -> int:
        """See `Means.frequency`."""
        with contextlib.suppress(OSError), Wireless() as wireless:
            return wireless.frequency(index_of(self._interface))
        return 0

    def beside(self) -> contextlib.AbstractContextManager[Station]:
        """See `Means.beside`."""
        return interface.beside(self._interface, self._runtime)

    def in_its_place(self) -> contextlib.AbstractContextManager[Station]:
        """See `Means.in_its_place`."""
        return interface.in_place_of(self._interface)

    def supplicant(self, station: Station, folder: Path, patience: Patience) -> Supplicant:
        """See `Means.supplicant`."""
        return Supplicant(station.name, folder, patience)

    def lease(self, station: Station, wait: Wait) -> Lease:
        """See `Means.lease`."""
        with Links() as links:
            hardware = links.hardware(index_of(self._interface))
        words = dhcp.argv(station.name, hardware, self._hostname)
        return dhcp.ask(words, station.name, wait, time.monotonic() + _LEASE_SECONDS)

    def inside(self, wait: Wait) -> Inside:
        """See `Means.inside`."""
        return Inside(wait, self._runtime / DESK)
