"""What an attempt asks of the access point that shares its radio: to make room, and to come back.

A port: `hotspot.uplink.moving` is the real one, tests have fakes. An attempt calls `nearest` and
`make` once it knows where the network is, `look` once its station has associated, and `leave` at
its end, whatever that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# With a channel-switch announcement, which stations follow; by starting anew on the channel,
# which they notice and rejoin; by leaving the air while the station tries, and coming back.
How = Literal["announce", "restart", "return"]


class NoRoom(Exception):  # noqa: N818 - an answer, not a crash
    """The access point can neither move nor leave; the text says why."""


@dataclass(frozen=True, slots=True)
class Moving:
    """The access point is about to move to `channel`; for "return", to come back to it."""

    how: How
    channel: int


class Room(Protocol):
    """The access point's side of one attempt."""

    def nearest(self, heard: Sequence[tuple[int, float]]) -> int:
        """Of a network's access points, at MHz and dBm, the frequency to join it on.

        The one that costs the page's reader least: many networks are on 2.4 and 5 GHz by one
        name, and only one of the two needs no move. At least one must have been heard.
        """
        ...

    def make(self, frequency: int) -> Iterator[Moving]:
        """Make a station's way to a network at `frequency` (MHz) clear; nothing to do, no items.

        Each item is told *before* it is done, and the next one only when that has failed, so
        that the page can say it while it still reaches its reader: go through all of them.
        Raises `NoRoom`.
        """
        ...

    def look(self) -> Moving | None:
        """Read the access point's channel back; how it moved if the driver moved it by itself."""
        ...

    def leave(self) -> None:
        """The attempt is over and its station is away or stays: have the access point on the air.

        Does nothing when it is there already. Raises `NoRoom`.
        """
        ...
