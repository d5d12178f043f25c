"""What an attempt asks of the access point that shares its radio: to make room, and to come back.

A port: `hotspot.uplink.moving` is the real one, tests have fakes. An attempt calls `nearest` and
`make` once it knows where the network is, `look` once its station has associated, and `leave` at
its end, whatever that was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotspot.uplink.outcome import Moved


class NoRoom(Exception):  # noqa: N818 - an answer, not a crash
    """The access point can neither move nor leave; the text says why."""


class Room(Protocol):
    """The access point's side of one attempt.

    It moves by an announcement, which stations follow ("announce"); by starting anew on the other
    channel, where they find it again ("restart"); or it is off the air while the station tries,
    and comes back to its channel ("return").
    """

    def nearest(self, heard: Sequence[tuple[int, float]]) -> int:
        """Of a network's access points, at MHz and dBm, the frequency to join it on.

        The one that costs the page's reader least: many networks are on 2.4 and 5 GHz by one
        name, and only one of the two needs no move. At least one must have been heard.
        """
        ...

    def make(self, frequency: int) -> Iterator[Moved]:
        """Make a station's way to a network at `frequency` (MHz) clear; nothing to do, no items.

        Each item is told *before* it is done, and the next one only when that has failed, so
        that the page can say it while it still reaches its reader: go through all of them.
        Raises `NoRoom`.
        """
        ...

    def away(self) -> Iterator[Moved]:
        """Leave the air, whatever the radio says it can: it has shown that it cannot have both.

        One item, told before it is done. Raises `NoRoom`.
        """
        ...

    def look(self) -> Moved | None:
        """Read the access point's channel back; how it moved if the driver moved it by itself."""
        ...

    def leave(self) -> None:
        """The attempt is over: have the access point on the air, if it is not there already.

        After a "return" the station must be gone by now. Raises `NoRoom`.
        """
        ...
