"""The radio as the agent sees it: a port, with the real radio and the demo's behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from hotspot.air.nl80211 import Station
from hotspot.channel import Heard
from hotspot.owner.port import Kept
from hotspot.uplink import outcome
from hotspot.uplink.wanted import Wanted


class CannotNow(Exception):  # noqa: N818 - an answer, not a crash
    """The radio does not do what it was asked; the text says why, for a person."""


class CannotEver(CannotNow):
    """It is the network itself that cannot be kept here, whatever changes about the radio."""


class Cancelled(Protocol):
    """Whether somebody wants the end of it; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether the end has been asked for."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """`is_set`, as soon as it is so, after `timeout` seconds at the latest."""
        ...


class Radio(Protocol):
    """What one radio can do. Failures are `CannotNow`."""

    def scan(self, tell: Callable[[int, int], None], cancelled: Cancelled) -> Sequence[Heard]:
        """Every access point on the air, and the page's list written anew.

        `tell(done, of)` counts the channels.
        """
        ...

    def stations(self) -> Sequence[Station]:
        """Who is associated with the access point."""
        ...

    def dismiss(self, address: str) -> None:
        """Send a station off, and let it on no more."""
        ...

    def readmit(self, address: str) -> None:
        """Let it on again."""
        ...

    def join(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: Cancelled,
    ) -> outcome.Ended:
        """Try a network and keep it if it proves itself; `tell` hears the way, not the end."""
        ...

    def keep(self, key: str, wanted: Wanted, owner: str) -> None:
        """Make a network permanent that nobody has tried; durable on return, nothing moves yet.

        `owner` is who is to look after it, "" for whoever does here. `CannotEver` too.
        """
        ...

    def state(self) -> str:
        """`serving`, `lingering`, `home`, `resting` or `away`."""
        ...

    def kept(self) -> Kept | None:
        """The home network that is permanent here."""
        ...

    def forget(self) -> bytes | None:
        """Let go of that network: its name, `None` if there was none."""
        ...

    def tidy(self) -> None:
        """Remove what a join has left that was cut off."""
        ...
