"""Who looks after this machine's home network: a port, with NetworkManager or a file behind it.

The order is always the same, so that the power may go at any moment: a network is kept only
after it has proven itself beside the access point; `keep` returns when that is on disk; what
was before stays until `settle` has seen the machine on the new network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hotspot.config.values import NotAllowed

if TYPE_CHECKING:
    from hotspot.air.elements import Protection
    from hotspot.uplink.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Kept:
    """The home network that is permanent here: the key of the join that brought it, its name."""

    key: str
    ssid: bytes


class Owner(Protocol):
    """What is permanent. Failures are `hotspot.errors.Refused`.

    `interface` is the one the machine joins by; `key` names the join, of letters, digits, `-`
    and `_`, and comes back from `kept`, also after a power cut.
    """

    def check(self, wanted: Wanted) -> None:
        """Refuse a network that could not be kept here, before anybody tries it."""
        ...

    def keep(self, wanted: Wanted, key: str, interface: str) -> None:
        """Make a network that has proven itself permanent: durable on return.

        What was there before is kept too. Doing it twice is as good as once.
        """
        ...

    def kept(self) -> Kept | None:
        """What `keep` has made permanent last; `None` if nothing of ours is."""
        ...

    def settle(self, interface: str, seconds: float) -> bool:
        """Have the machine on the kept network now that the access point has left the interface.

        Whether it was within `seconds`. Only then what an earlier `keep` left goes; if not, it
        is as it was before the call, and both are kept.
        """
        ...

    def is_home(self, interface: str) -> bool:
        """Whether the interface is on the kept network right now."""
        ...

    def forget(self) -> bytes | None:
        """Remove what `keep` has made, nothing else, and put back what it took the place of.

        Its name; `None` when there was nothing of ours. Durable on return.
        """
        ...


def protection(wanted: Wanted) -> Protection:
    """How to prove oneself to the network: as the person said, else by what they gave for it.

    Raises `NotAllowed` for what nobody can keep: WEP, and a proof that is missing.
    """
    kind = wanted.security or _guessed(wanted)
    if kind == "wep":
        raise NotAllowed("a network without WEP: no supplicant of today joins one")
    if kind == "enterprise" and wanted.identity is None:
        raise NotAllowed("a user's name for a network that asks for one")
    if kind in {"wpa2", "wpa3", "wpa2-wpa3"} and wanted.passphrase is None:
        raise NotAllowed("a password for a network that asks for one")
    return kind


def _guessed(wanted: Wanted) -> Protection:
    if wanted.identity is not None:
        return "enterprise"
    return "open" if wanted.passphrase is None else "wpa2-wpa3"
