"""Looking for the wanted network, a channel at a time, as long as it may take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from hotspot.uplink import sighting
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.waiting import Over

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hotspot.uplink.means import Supplicating
    from hotspot.uplink.sighting import Able, Seen
    from hotspot.uplink.wanted import Wanted

# All channels take 13 to 40 looks of 0.35 s, more under emulation; then once more, for a beacon
# can be missed.
_SECONDS: Final = 60.0


def look_for(
    wanted: Wanted, supplicant: Supplicating, known: Iterable[int]
) -> tuple[Able, list[Seen]]:
    """What supplicant and driver can do, and the access points of the network that we can join.

    `known` are the likely channels, in MHz. Raises `Over` where there are none to join.
    """
    deadline = time.monotonic() + _SECONDS
    able = supplicant.able()
    likely, others = sighting.order(supplicant.frequencies(), known)
    supplicant.forget_heard()

    def look(where: Sequence[int]) -> list[Seen] | Outcome:
        """What is known after looking there too."""
        found: list[Seen] = []
        for frequency in where:
            if time.monotonic() < deadline:
                found = supplicant.look(wanted, frequency)
        return sighting.fitting(found, wanted, able)

    # Of a network on several channels the one that costs the page's reader least is joined, so
    # all likely ones first.
    fits = look(likely)
    for frequency in (*others, *likely, *others):
        # One that is there and not for us: no other channel is likely to change that.
        if fits is not Outcome.NOT_FOUND or time.monotonic() >= deadline:
            break
        fits = look([frequency])
    if isinstance(fits, Outcome):
        raise Over(fits)
    return able, fits
