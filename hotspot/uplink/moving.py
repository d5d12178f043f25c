"""The access point makes room on its own radio: the plan of `hotspot.air.follow`, carried out.

Everything goes through hostapd's control socket, so hostapd's process lives on, and to the
supervisor nothing has happened. What the radio has done is then asked of the kernel, since a
reply of OK means only that the driver was asked, and some drivers move the access point by
themselves once a station associates.

As hostapd 2.10 does it (tried on simulated radios): RELOAD keeps the channel, so a restart is
DISABLE, SET, ENABLE; the interface keeps its type and its address meanwhile; CHAN_SWITCH to the
channel it is on is a FAIL, and one to another band disconnects Linux' stations.
"""

from __future__ import annotations

import functools
import select
import time
from typing import TYPE_CHECKING, Final, Protocol

from hotspot import channel, control, files, hostapd
from hotspot.air import events, follow
from hotspot.air.wireless import index_of
from hotspot.control import Control, ControlError
from hotspot.log import log
from hotspot.uplink.outcome import Moved
from hotspot.uplink.room import NoRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hotspot.air.follow import Way
    from hotspot.air.nl80211 import Adapter
    from hotspot.air.wireless import Wireless
    from hotspot.netlink import Links

# The page asks once a second when it has no event stream: it has said where to look for the
# access point before that leaves.
GRACE: Final = 3.0
# An announcement takes half a second of beacons, 1 s in a busy emulator; a start 0.1 to 3 s.
_MOVE_SECONDS: Final = 10.0
_START_SECONDS: Final = 30.0


class Kernel(Protocol):
    """What the kernel knows of the access point's interface, and does with it. `OSError`."""

    def frequency(self) -> int:
        """The channel's centre in MHz that it is on now; 0 for none."""
        ...

    def set_up(self, *, up: bool) -> None:
        """Link up or down."""
        ...


class Interface:
    """The `Kernel` of a real interface, over open netlink sockets."""

    def __init__(self, wireless: Wireless, links: Links, interface: str) -> None:
        self._wireless = wireless
        self._links = links
        self._interface = interface

    def frequency(self) -> int:
        """See `Kernel.frequency`."""
        return self._wireless.frequency(index_of(self._interface))

    def set_up(self, *, up: bool) -> None:
        """See `Kernel.set_up`."""
        self._links.set_up(index_of(self._interface), up=up)


class SharedRadio:
    """The `Room` of the access point that hostapd makes of `radio` in the run of `runtime`.

    `wish` is the setting `radio.follow`; `pause` waits so many seconds, less if there is no
    hurry to be had any more.
    """

    def __init__(
        self,
        radio: Adapter,
        kernel: Kernel,
        runtime: Path,
        wish: str,
        pause: Callable[[float], object],
    ) -> None:
        self._radio = radio
        self._kernel = kernel
        self._runtime = runtime
        self._socket = runtime / hostapd.CONTROL / radio.interface
        self._wish = wish
        self._pause = pause
        self._at = 0
        self._away = False

    def nearest(self, heard: Sequence[tuple[int, float]]) -> int:
        """See `Room.nearest`."""
        return follow.nearest(self._radio, self._frequency(), heard, self._wish)

    def make(self, frequency: int) -> Iterator[Moved]:
        """See `Room.make`."""
        self._at = self._frequency()
        ways = follow.ways(self._radio, self._at, frequency, self._wish)
        for way in ways:
            number = channel.channel_of(way.frequency) or 0
            log(f"radio: {way.how}, channel {number}: {way.why}")
            yield Moved(way.how, number)
            if self._works(functools.partial(self._goes, way=way)):
                return
            log(f"radio: {way.how} has failed")
        if ways:
            raise NoRoom("the access point could neither move nor leave")

    def away(self) -> Iterator[Moved]:
        """See `Room.away`."""
        self._at = self._frequency()
        number = channel.channel_of(self._at) or 0
        log(f"radio: return, channel {number}: the driver has no station beside an access point")
        yield Moved("return", number)
        self._pause(GRACE)
        if not self._works(self._left):
            raise NoRoom("the access point could not leave")

    def look(self) -> Moved | None:
        """See `Room.look`."""
        found = 0 if self._away else self._now()
        if found in {0, self._at}:
            return None
        number = channel.channel_of(found) or 0
        log(f"radio: the driver has moved the access point to channel {number}")
        self._arrived(found)
        return Moved("announce", number)

    def leave(self) -> None:
        """See `Room.leave`."""
        missing = self._away or not self._now()
        if missing and not self._works(self._comes_back):
            # It ends, and whoever looks after it starts it anew from its file, prepared again.
            self._works(lambda control_: control_.request("TERMINATE") != "")
            raise NoRoom("the access point could not be brought back: hostapd starts anew")

    def _works(self, done: Callable[[Control], bool]) -> bool:
        """Whether something could be done with hostapd; why not is told."""
        try:
            with Control(self._socket, self._runtime) as control_:
                return done(control_)
        except (ControlError, OSError) as error:
            log(f"radio: {error}")
            return False

    def _goes(self, control_: Control, way: Way) -> bool:
        if way.how == "announce":
            return self._announced(control_, way.frequency)
        self._pause(GRACE)
        if way.how == "restart":
            return self._restarted(control_, way.frequency)
        return self._left(control_)

    def _announced(self, control_: Control, frequency: int) -> bool:
        control_.attach()
        if control_.request(follow.announcement(frequency)).strip() != "OK":
            return False
        _hears(control_, events.MOVED, _MOVE_SECONDS)
        return self._is_at(frequency)

    def _restarted(self, control_: Control, frequency: int) -> bool:
        self._away = True
        control_.request("DISABLE")
        self._away = not self._starts(control_, frequency)
        return not self._away

    def _comes_back(self, control_: Control) -> bool:
        # ENABLE would set it up too, but not every driver takes a channel while it is down.
        self._kernel.set_up(up=True)
        self._away = not self._starts(control_, self._at)
        return not self._away

    def _left(self, control_: Control) -> bool:
        """Off the air. Link down too: even a silent access point takes a station's place."""
        self._away = True
        control_.request("DISABLE")
        self._kernel.set_up(up=False)
        return self._kernel.frequency() == 0

    def _starts(self, control_: Control, frequency: int) -> bool:
        number = channel.channel_of(frequency) or 0
        for key, value in hostapd.band(number):
            control_.request(f"SET {key} {value}")
        control_.attach()
        if control_.request("ENABLE", _START_SECONDS).strip() != "OK":
            return False
        control.until_enabled(control_, time.monotonic() + _START_SECONDS)
        return self._is_at(frequency)

    def _is_at(self, frequency: int) -> bool:
        if self._kernel.frequency() != frequency:
            return False
        self._arrived(frequency)
        return True

    def _arrived(self, frequency: int) -> None:
        """Should hostapd die from here on, it comes back where it is now."""
        self._at = frequency
        number = channel.channel_of(frequency) or 0
        path = self._runtime / hostapd.FILE
        text = hostapd.on_channel(path.read_text(encoding="ascii"), number)
        files.replace(path, text.encode("ascii"), mode=0o600)

    def _frequency(self) -> int:
        found = self._now()
        if not found:
            raise NoRoom("the access point is not on the air")
        return found

    def _now(self) -> int:
        try:
            return self._kernel.frequency()
        except OSError as error:
            log(f"radio: {error}")
            return 0


def _hears(control_: Control, name: str, seconds: float) -> None:
    """Until hostapd has told of an event of this name, or for so long."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        select.select([control_], [], [], left)
        event = control_.read()
        if event is not None and event.name == name:
            return
