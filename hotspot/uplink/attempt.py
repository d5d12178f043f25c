"""One attempt to join the home network, from the first look to what is kept.

In two phases: tried beside the access point until it has proven itself, and only then made
permanent. Whatever ends it, everything of the attempt is gone afterwards: station, supplicant,
namespace; and the access point is on the air.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot.errors import Refused
from hotspot.loop import log
from hotspot.netlink import Links
from hotspot.uplink import credentials, dhcp, interface, sighting, verdict
from hotspot.uplink.inside import Inside
from hotspot.uplink.internet import Reach
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Ended, Moved, Outcome, Step, Went
from hotspot.uplink.room import NoRoom
from hotspot.uplink.supplicant import Supplicant
from hotspot.uplink.verdict import Word
from hotspot.uplink.waiting import Over, Patience
from hotspot.wireless import index_of

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hotspot.owner.port import Owner
    from hotspot.uplink.outcome import Event
    from hotspot.uplink.room import Room
    from hotspot.uplink.sighting import Seen
    from hotspot.uplink.waiting import Cancelled
    from hotspot.uplink.wanted import Wanted

    Tell = Callable[[Event], None]

# All channels take 13 to 40 looks of 0.3 s, more under emulation; then once more, for a beacon
# can be missed.
_FOUND_SECONDS: Final = 60.0
_LOOKS: Final = 2
# An access point gives a silent station 4 s in the four-way handshake; EAP over a slow RADIUS
# server takes up to 20. Three tries of it are the longest way.
_TRY_SECONDS: Final = 25.0
# What `dhcp` asks for, and its last answer's way.
_LEASE_SECONDS: Final = 20.0
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
    (MHz) an SSID was heard of late.
    """

    interface: str
    address: ipaddress.IPv4Interface
    runtime: Path
    internet: str
    hostname: str
    known: Callable[[bytes], Sequence[int]]


class Attempt:
    """Attempts at one place, one at a time; `join` is what the radio agent calls."""

    def __init__(self, place: Place, room: Room, owner: Owner) -> None:
        self._place = place
        self._room = room
        self._owner = owner

    def join(self, key: str, wanted: Wanted, tell: Tell, cancelled: Cancelled) -> Ended:
        """Try a network and keep it if it proves itself; `tell` hears the way, not the end."""
        way = _Way(tell)
        try:
            with contextlib.ExitStack() as leaving:
                leaving.callback(self._come_back)
                return _Try(self._place, self._room, self._owner, way, leaving).join(
                    key, wanted, Patience(cancelled)
                )
        except Over as over:
            return Ended(outcome=over.outcome, step=way.step, key=key, url=over.url, what=over.what)

    def _come_back(self) -> None:
        try:
            self._room.leave()
        except NoRoom as reason:
            # The outcome is about the home network; the supervisor looks after the access point.
            log(f"radio: {reason}")


class _Way:
    """The steps as they are told."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.step = Step.FOUND

    @contextlib.contextmanager
    def at(self, step: Step) -> Iterator[None]:
        """The step begins with the block and is done at its end, unless an outcome ends it."""
        self.step = step
        self.tell(Went(step, "begun"))
        yield
        self.tell(Went(step, "done"))

    def skip(self, step: Step) -> None:
        """The step has nothing to do here."""
        self.step = step
        self.tell(Went(step, "skipped"))


class _Try:
    """What one attempt holds while it lasts."""

    def __init__(
        self, place: Place, room: Room, owner: Owner, way: _Way, leaving: contextlib.ExitStack
    ) -> None:
        self._place = place
        self._room = room
        self._owner = owner
        self._way = way
        self._leaving = leaving

    def join(self, key: str, wanted: Wanted, patience: Patience) -> Ended:
        """All steps; the end, if it is a good one. Raises `Over` for any other."""
        self._patience = patience
        with _ours("this network cannot be kept here"):
            self._owner.check(wanted)
        with self._way.at(Step.FOUND):
            self._begin()
            found = self._found(wanted)
        self._inside = self._leaving.enter_context(Inside(self._wait))
        chosen = self._make_room(found)
        self._prove(wanted, chosen)
        lease = self._lease(wanted)
        internet = self._look_around(lease)
        with self._way.at(Step.STABLE):
            self._wait(-1, time.monotonic() + _STABLE_SECONDS)
        with self._way.at(Step.KEPT), _ours("the network cannot be kept"):
            proven = dataclasses.replace(wanted, security=chosen.security)
            self._owner.keep(proven, key, self._place.interface)
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
        self._folder = folder
        with _ours("this radio has no station beside its access point"):
            station = interface.station(self._place.interface, self._place.runtime)
            self._index = self._leaving.enter_context(station)
        supplicant = Supplicant(interface.NAME, folder, self._patience)
        self._supplicant = self._leaving.enter_context(supplicant)

    def _found(self, wanted: Wanted) -> list[Seen]:
        """The access points of the network that we can join. Raises `Over`."""
        deadline = time.monotonic() + _FOUND_SECONDS
        self._able = self._supplicant.able()
        allowed = self._supplicant.frequencies()
        order = sighting.order(allowed, self._place.known(wanted.ssid))
        self._supplicant.forget_heard()
        reason = Outcome.NOT_FOUND
        for frequency in order * _LOOKS:
            fits = sighting.fitting(self._supplicant.look(wanted, frequency), wanted, self._able)
            if not isinstance(fits, Outcome):
                return fits
            reason = fits
            if time.monotonic() >= deadline:
                break
        raise Over(reason)

    def _make_room(self, found: list[Seen]) -> Seen:
        """The access point of the network that we join, the way to its channel clear."""
        frequency = self._room.nearest([(one.frequency, one.signal) for one in found])
        try:
            for moving in self._room.make(frequency):
                self._way.tell(Moved(moving.how, moving.channel))
        except NoRoom as reason:
            raise Over(Outcome.FAILED, what=str(reason)) from reason
        chosen = sighting.strongest(found, frequency)
        return chosen or found[0]

    def _prove(self, wanted: Wanted, chosen: Seen) -> None:
        """Authenticated and associated. Raises `Over`."""
        path = self._supplicant.certificates(wanted.certificates)
        variables = list(credentials.variables(wanted, chosen.security, self._able, path))
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
            self._way.tell(Moved(moved.how, moved.channel))

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
            with Links() as links:
                hardware = links.hardware(index_of(self._place.interface))
            words = dhcp.argv(interface.NAME, hardware, self._place.hostname, sys.executable)
            return dhcp.ask(words, self._folder, self._wait, time.monotonic() + _LEASE_SECONDS)

    def _look_around(self, lease: Lease) -> bool | None:
        """Whether it leads to the Internet, `None` if nobody wants to know. Raises `Over`."""
        if lease.gateway is None and self._place.internet == "required":
            self._way.step = Step.GATEWAY
            raise Over(Outcome.NO_GATEWAY)
        inside = self._inside
        inside.enter(self._index)
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
        raise Over(Outcome.FAILED, what=f"{what}: {refusal.what}") from refusal
    except OSError as error:
        raise Over(Outcome.FAILED, what=f"{what} ({error.strerror or error})") from error
