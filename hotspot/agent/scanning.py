"""A scan beside the access point's own beacons: a channel at a time, and back to the clients.

While a radio listens elsewhere its clients hear nothing from it and their frames wait. About
0.1 s for a channel is one beacon missed; a page loads through that without anybody noticing.
Channel after channel without a pause would be seconds, and phones look for another network.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import Final, Protocol

from hotspot import channel
from hotspot.agent.port import Cancelled, CannotNow
from hotspot.air import nl80211, scan
from hotspot.air.nl80211 import Frequency
from hotspot.channel import Heard

# 5, 21, 37 …
_PREFERRED: Final = 5
# Seconds at home after each channel: two beacons and a DTIM (both 102 ms), with what waited.
PAUSE: Final = 0.25
# Seconds at most until a channel is done. It takes 0.04 to 0.12; the scan of somebody else, which
# may have to be waited for, 2 to 6.
_A_CHANNEL: Final = 8.0


class Listening(Protocol):
    """What of `hotspot.air.wireless.Wireless` a scan needs."""

    def frequencies(self, index: int) -> list[Frequency]:
        """The channels that may be used."""
        ...

    def listen(self, index: int, where: Frequency, seconds: float) -> list[bytes]:
        """What one channel has to say."""
        ...


def listen(
    wireless: Listening,
    index: int,
    tell: Callable[[int, int], None],
    cancelled: Cancelled,
    clock: Callable[[], float] = time.monotonic,
) -> list[Heard]:
    """Every access point heard since the begin, each once; of a cancelled scan what there was.

    Raises `CannotNow` when the driver does not do this.
    """
    begun = clock()
    found: dict[tuple[bytes, int], nl80211.Heard] = {}
    try:
        channels = [one for one in wireless.frequencies(index) if is_worth_it(one.mhz)]
        tell(0, len(channels))
        for done, where in enumerate(channels, 1):
            dump = wireless.listen(index, where, _A_CHANNEL)
            fresh = _since(dump, 1000 * (clock() - begun))
            found |= {(one.bssid, one.frequency): one for one in fresh}
            tell(done, len(channels))
            if cancelled.wait(PAUSE):
                break
    except OSError as error:
        raise CannotNow(_words(error)) from error
    return scan.named(found.values())


def is_worth_it(mhz: int) -> bool:
    """Whether an access point may call itself on this channel.

    Of the 59 channels of 6 GHz those do that are left for it (preferred scanning channels, one
    in four of 80 MHz: IEEE 802.11ax-2021 26.17.2.3.3); the others are told of on 2.4 or 5 GHz.
    """
    number = channel.channel_of(mhz)
    return number is not None and (channel.band(mhz) != "6 GHz" or number % 16 == _PREFERRED)


def _since(dump: list[bytes], milliseconds: float) -> list[nl80211.Heard]:
    """What was heard within this time: the kernel remembers for 30 s more."""
    return [one for one in filter(None, map(nl80211.heard, dump)) if one.age <= milliseconds]


def _words(error: OSError) -> str:
    if error.errno == errno.EOPNOTSUPP:
        return "this radio cannot listen for networks while it is an access point"
    return f"the radio does not scan now ({error.strerror})"
