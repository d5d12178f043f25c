"""The steps of an attempt, one after the other, until it has proven itself or is over."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot.errors import Refused
from hotspot.log import log
from hotspot.uplink import credentials, looking, sighting, verdict
from hotspot.uplink.internet import Reach
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Ended, Outcome, Step
from hotspot.uplink.room import NoRoom
from hotspot.uplink.verdict import Word
from hotspot.uplink.waiting import Over

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from hotspot.owner.port import Owner
    from hotspot.uplink.interface import Station
    from hotspot.uplink.means import Means
    from hotspot.uplink.outcome import Moved
    from hotspot.uplink.room import Room
    from hotspot.uplink.sighting import Able, Seen
    from hotspot.uplink.waiting import Patience
    from hotspot.uplink.wanted import Wanted
    from hotspot.uplink.way import Way

# An access point gives a silent station 4 s in the four-way handshake; EAP over a slow RADIUS
# server takes up to 20. Three tries of it are the longest way.
_TRY_SECONDS: Final = 25.0
_TAKE_SECONDS: Final = 10.0
# Five questions of a second each.
_GATEWAY_SECONDS: Final = 10.0
# Two names by two resolvers, two tries each, and two answers over HTTP.
_INTERNET_SECONDS: Final = 40.0
_STABLE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where we are: the access point's `interface` and own `address`, the `runtime` directory.

    `internet` is the setting `home.internet`, `hostname` this machine's name, and `known` where
    (MHz) an SSID was heard of late. `home` is the interface by which the network is kept where
    the access point stays beside it; "" where it goes.
    """

    interface: str
    address: ipaddress.IPv4Interface
    runtime: Path
    internet: str
    hostname: str
    known: Callable[[bytes], Sequence[int]]
    home: str = ""


class Try:
    """What one attempt holds while it lasts."""

    def __init__(
        self, place: Place, room: Room, means: Means, way: Way, leaving: contextlib.ExitStack
    ) -> None:
        self._place = place
        self._room = room
        self._means = means
        self._way = way
        self._leaving = leaving
        self._away = False
        # The access point had to leave for it: the two cannot be beside each other.
        self._left = False

    def join(self, key: str, wanted: Wanted, owner: Owner, patience: Patience) -> Ended:
        """All steps; the end, if it is a good one. Raises `Over` for any other."""
        self._patience = patience
        hopeless = sighting.hopeless(wanted)
        if hopeless is not None:
            raise Over(hopeless)
        with _ours("this network cannot be kept here"):
            owner.check(wanted)
        with self._way.at(Step.FOUND):
            self._begin()
            # Started now, it is ready when it is wanted.
            self._inside = self._leaving.enter_context(self._means.inside(self._wait))
            known = [self._means.frequency(), *self._place.known(wanted.ssid)]
            able, found = looking.look_for(wanted, self._supplicant, known)
        chosen = self._make_room(found)
        self._prove(wanted, chosen, able)
        lease = self._lease(wanted)
        internet = self._look_around(lease)
        with self._way.at(Step.STABLE):
            self._wait(-1, time.monotonic() + _STABLE_SECONDS)
        with self._way.at(Step.KEPT), _ours("the network cannot be kept"):
            proven = dataclasses.replace(wanted, security=chosen.security)
            beside = "" if self._left else self._place.home
            owner.keep(proven, key, beside or self._place.interface)
        return Ended(
            outcome=Outcome.CONNECTED,
            step=Step.KEPT,
            key=key,
            address=str(lease.address),
            gateway=str(lease.gateway or ""),
            internet=internet,
            overlaps=lease.address.network.overlaps(self._place.address.network),
            hostname=self._place.hostname,
        )

    def _begin(self) -> None:
        """The station interface, and wpa_supplicant on it."""
        folder = self._place.runtime / "uplink"
        with _ours(f"{folder} cannot be made"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        self._leaving.callback(shutil.rmtree, folder, ignore_errors=True)
        self._station = self._a_station()
        supplicant = self._means.supplicant(self._station, folder, self._patience)
        self._supplicant = self._leaving.enter_context(supplicant)

    def _a_station(self) -> Station:
        """Beside the access point; where the driver refuses that, in its place."""
        try:
            return self._leaving.enter_context(self._means.beside())
        except OSError as error:
            log(f"radio: no station beside the access point ({error.strerror or error})")
        self._away = True
        self._clear(self._room.away)
        with _ours("this radio cannot be a station"):
            return self._leaving.enter_context(self._means.in_its_place())

    def _make_room(self, found: list[Seen]) -> Seen:
        """The access point of the network that we join, the way to its channel clear."""
        heard = [(one.frequency, one.signal) for one in found]
        if self._away:
            return max(found, key=lambda one: one.signal)
        try:
            frequency = self._room.nearest(heard)
        except NoRoom as reason:
            raise Over(Outcome.FAILED, what=str(reason)) from reason
        self._clear(lambda: self._room.make(frequency))
        chosen = sighting.strongest(found, frequency)
        return chosen or found[0]

    def _clear(self, ways: Callable[[], Iterable[Moved]]) -> None:
        try:
            for moved in ways():
                self._left = moved.how == "return"
                self._way.tell(moved)
        except NoRoom as reason:
            raise Over(Outcome.FAILED, what=str(reason)) from reason

    def _prove(self, wanted: Wanted, chosen: Seen, able: Able) -> None:
        """Authenticated and associated. Raises `Over`."""
        path = self._supplicant.certificates(wanted.certificates)
        variables = list(credentials.variables(wanted, chosen.security, able, path))
        if chosen.security == "open":
            self._way.skip(Step.AUTHENTICATED)
            with self._way.at(Step.ASSOCIATED):
                self._connect(variables, chosen.frequency)
        else:
            with self._way.at(Step.AUTHENTICATED):
                self._connect(variables, chosen.frequency)
            with self._way.at(Step.ASSOCIATED):
                pass
        moved = self._room.look()
        if moved is not None:
            self._way.tell(moved)

    def _connect(self, variables: list[tuple[str, str]], frequency: int) -> None:
        tries: list[Word] = []
        while (ended := verdict.outcome(tries)) is None:
            self._supplicant.take(variables, frequency)
            word = self._one_try()
            if word is Word.CONNECTED:
                return
            self._supplicant.leave()
            tries.append(word)
        raise Over(ended)

    def _one_try(self) -> Word:
        """How it went: connected, or what was said last that explains why not."""
        for word in self._supplicant.words(time.monotonic() + _TRY_SECONDS):
            if word not in {Word.PROVEN, Word.GONE}:
                return word
        return Word.UNREACHED

    def _lease(self, wanted: Wanted) -> Lease:
        if wanted.address is not None:
            self._way.skip(Step.LEASE)
            fixed = wanted.address
            return Lease(fixed.address, fixed.gateway, fixed.resolvers)
        with self._way.at(Step.LEASE), _ours("no lease can be asked for"):
            return self._means.lease(self._station, self._wait)

    def _look_around(self, lease: Lease) -> bool | None:
        """Whether it leads to the Internet, `None` if nobody wants to know. Raises `Over`."""
        if lease.gateway is None and self._place.internet == "required":
            self._way.step = Step.GATEWAY
            raise Over(Outcome.NO_GATEWAY)
        inside = self._inside
        inside.enter(self._station.index)
        inside.take(lease, _TAKE_SECONDS)
        if lease.gateway is None:
            self._way.skip(Step.GATEWAY)
        else:
            with self._way.at(Step.GATEWAY):
                if not inside.gateway_answers(lease, _GATEWAY_SECONDS):
                    raise Over(Outcome.NO_GATEWAY)
        if self._place.internet == "skipped":
            self._way.skip(Step.INTERNET)
            return None
        with self._way.at(Step.INTERNET):
            return self._internet(*inside.reach(lease, _INTERNET_SECONDS))

    def _internet(self, reach: str, url: str) -> bool:
        if reach == Reach.PORTAL:
            raise Over(Outcome.UPSTREAM_PORTAL, url=url)
        if reach == Reach.NOWHERE and self._place.internet == "required":
            raise Over(Outcome.NO_INTERNET)
        return reach == Reach.INTERNET

    def _wait(self, descriptor: int, deadline: float) -> bool:
        """Whether the descriptor (-1: none) is readable in time. Raises `Over` LOST meanwhile."""
        wanted = [self._supplicant.fileno(), *([descriptor] if descriptor >= 0 else [])]
        while ready := self._patience.readable(wanted, deadline):
            if self._supplicant.fileno() in ready and Word.GONE in self._supplicant.said():
                raise Over(Outcome.LOST)
            if descriptor in ready:
                return True
        return False


@contextlib.contextmanager
def _ours(what: str) -> Iterator[None]:
    """Failures of our own side as `Over` FAILED."""
    try:
        yield
    except Refused as refusal:
        raise Over(Outcome.FAILED, what=f"{what} ({refusal})") from refusal
    except OSError as error:
        raise Over(Outcome.FAILED, what=f"{what} ({error.strerror or error})") from error
