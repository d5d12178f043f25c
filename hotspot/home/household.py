"""The house's ears and hands: what `homecoming` decides, done in the supervisor's loop.

What it hears: datagrams of one word on RUNTIME/house.sock, from the radio agent and from
`vestibule up` and `down` (`ring`); who comes to and leaves the access point; the kernel's word on
the interface and the button; how the programs ended that were started aside. What it says stands
in RUNTIME/house, for the agent's `status`.

A socket of its own, as the doorbell of delivery is one: it works the same whether the one who
listens is this supervisor or a unit, outlives both ends, and whoever rings never waits.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket

from hotspot.home import homecoming
from hotspot.home.homewatch import Homewatch
from hotspot.home.house import House
from hotspot.log import log
from hotspot.supervisor import order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from hotspot.home.homecoming import Act
    from hotspot.supervisor.loop import Loop
    from hotspot.supervisor.order import Step

    class Keeping(Protocol):
        """Who does what a household decides: the supervisor, or `hotspot.units.steward`."""

        loop: Loop
        sockets: dict[str, socket.socket]

        def ask(self, act: Callable[[], None]) -> None:
            """Do something that takes many turns."""

        def ascend(self) -> bool:
            """Have the access point there."""

        def descend(self) -> None:
            """Have it gone."""

        def start(self, step: Step) -> None:
            """Start an errand."""

        def end(self, name: str) -> None:
            """End a program."""


# In RUNTIME: the socket, and the place.
SOCKET = "house.sock"
FILE = "house"
# How many stations are on the access point.
STATIONS = "stations"
_WORDS = frozenset(
    {
        *(homecoming.BEGUN, homecoming.ENDED, homecoming.KEPT, homecoming.FORGOTTEN),
        *(homecoming.CALLED, homecoming.DISMISSED),
    }
)
_LONGEST = 64
_ERRANDS = {
    homecoming.SETTLE: order.SETTLE,
    homecoming.LOOK: order.LOOK,
    homecoming.JOIN: order.JOIN,
}
# The station interface beside the access point, of `hotspot.uplink.interface`.
BESIDE = "vestibule0"


def ring(runtime: str, word: str) -> None:
    """Tell the house, if somebody listens; `word` is one of those above."""
    with contextlib.suppress(OSError):
        tell(runtime, word)


def tell(runtime: str, word: str) -> None:
    """The same; raises `OSError` where nobody listens, or not to this user."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        bell.sendto(word.encode("ascii"), f"{runtime}/{SOCKET}")


class Household:
    """One run's house. `interface` is the access point's, "" where `prepare` has yet to choose;
    `button` the GPIO line of the one that calls it, "" where there is none.
    """

    def __init__(self, house: House, runtime: str, interface: str, button: str = "") -> None:
        self.interface = interface
        self._button = button
        self._house = house
        self._runtime = runtime
        self._said = ""
        self._silent = False
        self._supervisor: Keeping | None = None

    @property
    def away(self) -> bool:
        """Whether the access point is not to be there."""
        return not self._house.on_air

    @property
    def joining(self) -> bool:
        """Whether a join is under way, for which the access point may make room."""
        return self._house.joining

    def begin(self, supervisor: Keeping) -> None:
        """The first way up is walked: listen."""
        self._watch = Homewatch(supervisor.loop, self._moved)
        self._supervisor = supervisor
        if self._house.place == homecoming.STARTING:
            log("vestibule: to the home network first; the access point comes when it is not there")
        self._listen(supervisor)
        self._do(self._house.begin())

    def _listen(self, supervisor: Keeping) -> None:
        if self._button:
            # Nobody else pays for it.
            from hotspot.home import button  # noqa: PLC0415 - see above

            button.watch(supervisor.loop, self._button, lambda: self._hear(homecoming.CALLED))
        bell = supervisor.sockets["house"]
        supervisor.loop.watch(bell, lambda: self._rung(bell))

    def counted(self, stations: int, *, silent: bool) -> None:
        """So many stations are on the access point now; whether that is off the air."""
        self._silent = silent
        self._leave(STATIONS, "0" if silent else str(stations))
        self._do(self._house.count(stations))

    def ended(self, name: str, status: int) -> None:
        """A program has ended."""
        if name in {order.SETTLE.name, order.JOIN.name}:
            if status and self._supervisor and name == order.SETTLE.name:
                # The next one reads from the file that the last join has ended otherwise.
                self._supervisor.ask(functools.partial(self._supervisor.end, "radio"))
            self._hear(homecoming.UNSETTLED if status else homecoming.SETTLED)
        elif name == order.LOOK.name:
            self._hear(homecoming.SILENT if status else homecoming.HEARD)
        elif name == "radio":
            # In the middle of a join, if it was killed; then perhaps off the air for it.
            self._hear(homecoming.ENDED)
            if status and self._silent and self._supervisor:
                self._supervisor.ask(self._sound)

    def _rung(self, bell: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                word = bell.recv(_LONGEST, socket.MSG_DONTWAIT).decode("ascii", "replace")
                if word == homecoming.BEGUN and self._supervisor:
                    # The join is to have the radio, and the station's name, for itself.
                    end = functools.partial(self._supervisor.end, order.JOIN.name)
                    self._supervisor.ask(end)
                if word in _WORDS:
                    self._hear(word)

    def _moved(self, home: bool) -> None:  # noqa: FBT001 - what a callback is told
        self._hear(homecoming.FOUND if home else homecoming.GONE)

    def _hear(self, event: str) -> None:
        self._do(self._house.hear(event))

    def _do(self, acts: tuple[Act, ...]) -> None:
        if not self._supervisor:
            return
        for act, seconds in acts:
            self._one(self._supervisor, act, seconds)
        self._say()
        place = self._house.place
        if place not in homecoming.WATCHED:
            self._watch.end()
        elif not self._watch.watching:
            self._watch.begin(BESIDE if place == homecoming.BESIDE else self.interface)

    def _one(self, supervisor: Keeping, act: str, seconds: float) -> None:
        if act == homecoming.WAIT:
            supervisor.loop.later("house", seconds, lambda: self._hear(homecoming.DUE))
        elif act == homecoming.REST:
            supervisor.loop.cancel("house")
        elif act == homecoming.TIRE:
            supervisor.loop.later("idle", seconds, self._idle)
        elif act == homecoming.STIR:
            supervisor.loop.cancel("idle")
        elif act == homecoming.DESCEND:
            supervisor.ask(supervisor.descend)
        elif act == homecoming.ASCEND:
            supervisor.ask(lambda: self._ascend(supervisor))
        else:
            supervisor.ask(functools.partial(supervisor.start, _ERRANDS[act]))

    def _idle(self) -> None:
        log("vestibule: nobody has come; `vestibule up` brings the access point back")
        self._hear(homecoming.IDLE)

    def _ascend(self, supervisor: Keeping) -> None:
        supervisor.end(order.SETTLE.name)
        if not supervisor.ascend():
            self._hear(homecoming.FAILED)

    def _sound(self) -> None:
        """End a hostapd that was left silent: it is started anew."""
        if self._supervisor and self._silent:
            self._supervisor.end("hostapd")

    def _say(self) -> None:
        """Leave the place for whoever asks, and a line for who reads along."""
        if self._house.told == self._said:
            return
        if self._said:
            log(f"vestibule: {self._house.told}")
        self._said = self._house.told
        self._leave(FILE, self._said)

    def _leave(self, name: str, text: str) -> None:
        """A word in RUNTIME for whoever wants to know, whole or not there."""
        beside = f"{self._runtime}/.{name}.new"
        with open(beside, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib would add 0.9 MiB
            file.write(text)
            # The portal, which may count them, is another user.
            os.fchmod(file.fileno(), 0o644)
        os.replace(beside, f"{self._runtime}/{name}")  # noqa: PTH105 - likewise
