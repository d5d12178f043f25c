"""All devices of the job that is worked on, in memory: found by key, and by what has changed.

Law: what is here has been written to the ledger before, but for strangers, for how many bytes a
device has, and for when it was last heard of.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from portal.bench.devices.deciding import Silence
from portal.bench.devices.device import Device
from portal.bench.devices.matching import Index
from portal.bench.devices.states import State

# Anybody in radio range can be one; each is some 2 KiB. Who has a lease is one, whatever it calls
# itself; who has none can be as many as it likes, so half of the places are not for those.
MOST_STRANGERS = 256
MOST_UNLEASED = MOST_STRANGERS // 2
# Seconds. Who was told to download and did not is passed over for so long, at first and at last: a
# turn that comes to nothing takes a slot for a third of a minute, and two lines of the audit.
PAUSE = 30.0
LONGEST_PAUSE = 480.0
# dB: a device that lies still is heard by 1 to 2 more or less each time, which is no news.
STEP = 3


@dataclass(slots=True)
class Place:
    """A device and what only memory knows of it: moments in seconds of the bench's clock.

    `begun` is False while it was told to download and has not: how often in turn that came to
    nothing is `lapses`, and before `again` it is not told so once more. `waits` is True where its
    record has been asked about and is not delivered yet.
    """

    device: Device
    number: int
    heard: float
    here: float
    advanced: float
    acknowledged: int = 0
    size: int = 0
    begun: bool = True
    lapses: int = 0
    again: float = 0.0
    waits: bool = False
    address: str = ""
    signal: int | None = None


class Roll:
    """Numbers rise with every change, from `first` on: beyond all that an earlier run has given."""

    def __init__(self, first: int) -> None:
        self.index = Index()
        self.first = self.number = first
        self._count = itertools.count(first + 1)
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._places)

    def get(self, device: str) -> Device | None:
        """The device called so."""
        place = self._places.get(device)
        return place.device if place else None

    def place(self, device: str) -> Place | None:
        """The device called so, with what only memory knows."""
        return self._places.get(device)

    def fill(self, devices: Iterable[Device], now: float) -> None:
        """Begin anew with these; who is known already keeps what only memory knows."""
        with self._lock:
            known = self._places
            strangers = [each.device for each in known.values() if not each.device.kept]
            # In place at once: whoever asks for a file meanwhile is somebody.
            places, self.index = OrderedDict[str, Place](), Index()
            for device in (*devices, *strangers):
                places[device.id] = self._placed(device, now, known.get(device.id))
                self.index.add(device)
            self._places = places

    def put(self, device: Device, now: float) -> None:
        """A device as it is now."""
        with self._lock:
            old = self._places.get(device.id)
            if old:
                self.index.remove(old.device)
            self.index.add(device)
            self._places[device.id] = self._placed(device, now, old)
            self._places.move_to_end(device.id)

    def _placed(self, device: Device, now: float, old: Place | None) -> Place:
        """Its place, with what only memory knows of it; the next number is its."""
        self.number = next(self._count)
        moved = old is None or old.device.state is not device.state
        place = old or Place(device, 0, now, now, now)
        if old is not None and old.device.code != device.code:
            place.acknowledged, place.advanced = 0, now
        place.device, place.number = device, self.number
        place.here = now if moved else place.here
        place.waits = place.waits and bool(device.record)
        return place

    def drop(self, device: str) -> None:
        """Forget a device."""
        with self._lock:
            place = self._places.pop(device, None)
            if place:
                self.index.remove(place.device)

    def heard(self, device: str, now: float, address: str = "") -> None:
        """It has said something, from this address."""
        place = self._places.get(device)
        if place:
            place.heard = now
            place.address = address or place.address

    def told(self, device: str) -> None:
        """It was told to download."""
        place = self._places.get(device)
        if place:
            place.begun = False

    def lapsed(self, device: str, now: float) -> None:
        """It was told to download, and has not: it waits, each time longer."""
        place = self._places.get(device)
        if place:
            place.begun, place.lapses = True, place.lapses + 1
            place.again = now + min(LONGEST_PAUSE, PAUSE * 2 ** (place.lapses - 1))

    def began(self, device: str) -> None:
        """It has asked for its bytes."""
        place = self._places.get(device)
        if place:
            place.begun, place.lapses = True, 0

    def waits(self, device: str) -> None:
        """It is done, and the office does not know yet."""
        place = self._places.get(device)
        if place and not place.waits:
            with self._lock:
                place.waits = True
                self.number = place.number = next(self._count)
                self._places.move_to_end(device)

    def heard_at(self, signals: Mapping[str, int]) -> None:
        """How strongly each is heard, dBm by MAC; who is not among them is not on the air."""
        with self._lock:
            places = [*self._places.values()]
            for place in places:
                macs = (place.device.mac, *place.device.macs)
                found = next((signals[mac] for mac in macs if mac in signals), None)
                was, place.signal = place.signal, found
                if was == found or (was and found and abs(was - found) < STEP):
                    place.signal = was
                    continue
                self.number = place.number = next(self._count)
                self._places.move_to_end(place.device.id)

    def progressed(self, device: str, acknowledged: int, size: int, now: float) -> None:
        """So many bytes of its download are with it."""
        place = self._places.get(device)
        if place and (place.acknowledged, place.size) != (acknowledged, size):
            with self._lock:
                place.acknowledged, place.size, place.advanced = acknowledged, size, now
                self.number = place.number = next(self._count)
                self._places.move_to_end(device)

    def since(self, number: int) -> tuple[int, list[Place]]:
        """The latest number, and who has changed after `number`, the latest last."""
        with self._lock:
            late = itertools.takewhile(
                lambda place: place.number > number, reversed(self._places.values())
            )
            found = [replace(place) for place in late]
            return self.number, found[::-1]

    def silence(self, place: Place, now: float) -> Silence:
        """For how long it has been silent, stood still, and been where it is."""
        return Silence(now - place.heard, now - place.advanced, now - place.here)

    def all(self) -> list[Place]:
        """Everybody, by change."""
        with self._lock:
            return list(self._places.values())

    def counts(self) -> Counter[State]:
        """How many are in each state."""
        with self._lock:
            return Counter(place.device.state for place in self._places.values())

    def in_state(self, *states: State) -> Iterator[Place]:
        """Those who are in one of these."""
        return (place for place in self.all() if place.device.state in states)

    def kept(self) -> int:
        """How many rows there are, without strangers."""
        return sum(place.device.kept for place in self.all())

    def has_room(self, leased: bool) -> bool:  # noqa: FBT001 - the one thing that is asked with
        """Whether there is room for one more stranger, `leased` or not; who has gone makes room."""
        strangers = [place for place in self.all() if not place.device.kept]
        unleased = [place for place in strangers if not place.device.mac]
        if not leased and len(unleased) >= MOST_UNLEASED:
            strangers = unleased
        elif len(strangers) < MOST_STRANGERS:
            return True
        gone = [place for place in strangers if place.device.state is State.GONE]
        for place in gone[: MOST_STRANGERS // 4]:  # the longest gone first
            self.drop(place.device.id)
        return bool(gone)
