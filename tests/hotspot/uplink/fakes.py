"""A home network without a radio: the ports of an attempt, and what happens there."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hotspot.errors import Refused
from hotspot.owner.port import Kept
from hotspot.uplink.interface import Station
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Moved, Outcome
from hotspot.uplink.room import NoRoom
from hotspot.uplink.sighting import Able, Seen
from hotspot.uplink.verdict import Word
from hotspot.uplink.waiting import Over, Patience
from hotspot.uplink.wanted import Wanted

Wait = Callable[[int, float], bool]


@dataclass
class Scene:
    """What there is, and in `log` what was done with it, in order.

    `on_air` by frequency; `tries` how each try to connect goes; `lease` None for no server;
    `reach` how far it leads. `before` is called with each entry of the log before it happens.
    """

    on_air: dict[int, list[Seen]] = field(default_factory=dict)
    tries: list[Word] = field(default_factory=lambda: [Word.CONNECTED])
    lease: Lease | None = None
    gateway: bool = True
    reach: tuple[str, str] = ("internet", "")
    able: Able = field(
        default_factory=lambda: Able(frozenset({"SAE", "WPA-PSK", "OWE", "WPA-EAP"}), protects=True)
    )
    has_both: bool = True
    at: int = 2437
    moves: tuple[Moved, ...] = ()
    moved_by_itself: Moved | None = None
    stuck: bool = False
    refusal: Refused | None = None
    before: Callable[[str], None] = lambda _: None
    log: list[str] = field(default_factory=list)
    kept: list[tuple[Wanted, str, str]] = field(default_factory=list)
    taken: list[tuple[dict[str, str], int]] = field(default_factory=list)

    def does(self, what: str) -> None:
        """One more entry of the log."""
        self.before(what)
        self.log.append(what)

    @contextlib.contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Something that begins and surely ends."""
        self.does(f"+{what}")
        try:
            yield
        finally:
            self.log.append(f"-{what}")


class FakeSupplicant:
    """A supplicant whose events are words; `gone` makes its descriptor readable."""

    def __init__(self, scene: Scene, patience: Patience) -> None:
        self._scene = scene
        self._patience = patience
        self._heard: list[Seen] = []
        self._events, self._telling = os.pipe()

    def close(self) -> None:
        os.close(self._events)
        os.close(self._telling)

    def gone(self) -> None:
        """The access point has sent us away."""
        os.write(self._telling, b"x")

    def able(self) -> Able:
        return self._scene.able

    def frequencies(self) -> list[int]:
        return [2412, 2437, 2462, 5180]

    def forget_heard(self) -> None:
        self._heard.clear()

    def look(self, wanted: Wanted, frequency: int) -> list[Seen]:
        del wanted
        self._scene.does(f"look {frequency}")
        self._patience.check()
        self._heard += self._scene.on_air.get(frequency, [])
        return list(self._heard)

    def certificates(self, text: str | None) -> str:
        return "/ca.pem" if text else ""

    def take(self, variables: Iterable[tuple[str, str]], frequency: int) -> None:
        self._scene.does("take")
        self._scene.taken.append((dict(variables), frequency))

    def leave(self) -> None:
        self._scene.does("leave")

    def words(self, deadline: float) -> Iterator[Word]:
        assert deadline > time.monotonic()
        self._patience.check()
        if self._scene.tries:
            yield self._scene.tries.pop(0)

    def said(self) -> list[Word]:
        os.read(self._events, 1)
        return [Word.GONE]

    def fileno(self) -> int:
        return self._events


class FakeInside:
    """Somebody inside the home network."""

    def __init__(self, scene: Scene, wait: Wait) -> None:
        self._scene = scene
        self._wait = wait

    def _does(self, what: str) -> None:
        self._scene.does(what)
        # As the real one, which waits for an answer.
        self._wait(-1, time.monotonic())

    def enter(self, index: int) -> None:
        self._does(f"enter {index}")

    def take(self, found: Lease, seconds: float) -> None:
        assert seconds > 0
        self._does(f"address {found.address}")

    def gateway_answers(self, found: Lease, seconds: float) -> bool:
        assert seconds > 0
        self._does(f"gateway {found.gateway}")
        return self._scene.gateway

    def reach(self, found: Lease, seconds: float) -> tuple[str, str]:
        assert found.address
        assert seconds > 0
        self._does("reach")
        return self._scene.reach


class FakeMeans:
    """The parts of an attempt in a scene; `supplicants` are those made so far."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.supplicants: list[FakeSupplicant] = []

    def frequency(self) -> int:
        return self._scene.at

    @contextlib.contextmanager
    def beside(self) -> Iterator[Station]:
        if not self._scene.has_both:
            raise OSError(95, "Operation not supported")
        with self._scene.during("station"):
            yield Station("vestibule0", 7)

    @contextlib.contextmanager
    def in_its_place(self) -> Iterator[Station]:
        with self._scene.during("in its place"):
            yield Station("wlan0", 3)

    @contextlib.contextmanager
    def supplicant(
        self, station: Station, folder: Path, patience: Patience
    ) -> Iterator[FakeSupplicant]:
        assert station.index
        assert folder.stat().st_mode & 0o777 == 0o700
        made = FakeSupplicant(self._scene, patience)
        self.supplicants.append(made)
        with self._scene.during("supplicant"), contextlib.closing(made):
            yield made

    def lease(self, station: Station, wait: Wait) -> Lease:
        self._scene.does(f"lease {station.name}")
        wait(-1, time.monotonic())
        if self._scene.lease is None:
            raise Over(Outcome.NO_ADDRESS)
        return self._scene.lease

    @contextlib.contextmanager
    def inside(self, wait: Wait) -> Iterator[FakeInside]:
        with self._scene.during("inside"):
            yield FakeInside(self._scene, wait)


class FakeRoom:
    """The access point that shares the radio."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def nearest(self, heard: Sequence[tuple[int, float]]) -> int:
        return heard[0][0]

    def make(self, frequency: int) -> Iterator[Moved]:
        self._scene.does(f"room {frequency}")
        yield from self._scene.moves
        if self._scene.stuck:
            raise NoRoom("stuck")

    def away(self) -> Iterator[Moved]:
        self._scene.does("away")
        yield Moved("return", 6)

    def look(self) -> Moved | None:
        return self._scene.moved_by_itself

    def leave(self) -> None:
        self._scene.does("back")
        if self._scene.stuck:
            raise NoRoom("stuck")


class FakeOwner:
    """Who keeps what has proven itself."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def check(self, wanted: Wanted) -> None:
        assert wanted.ssid
        if self._scene.refusal is not None:
            raise self._scene.refusal

    def keep(self, wanted: Wanted, key: str, interface: str) -> None:
        self._scene.does("keep")
        self._scene.kept.append((wanted, key, interface))

    def kept(self) -> Kept | None:
        return None

    def settle(self, interface: str, seconds: float) -> bool:
        raise AssertionError((interface, seconds))

    def is_home(self, interface: str) -> bool:
        raise AssertionError(interface)

    def forget(self) -> bytes | None:
        return None
