"""The house under systemd: what `household` decides, done by starting and stopping units.

The part of `hotspot.supervisor.supervise` that systemd leaves over: it keeps the programs, so this
says when the access point is to be there, and looks whether it lives.
"""

from __future__ import annotations

import os

from hotspot.air.stations import Stations
from hotspot.errors import Refused
from hotspot.log import log
from hotspot.supervisor import foreground
from hotspot.supervisor.bell import Bell
from hotspot.supervisor.keeping import Stopping
from hotspot.units import notify, pulse, stuck
from hotspot.units.orders import Orders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.home.household import Household
    from hotspot.supervisor.loop import Loop
    from hotspot.supervisor.order import Step

HOTSPOT = "vestibule-hotspot.target"
PREPARE = "vestibule-prepare.service"
AP = "vestibule-ap.service"
DHCP = "vestibule-dhcp.service"
# The first thing that vestibule-generator makes of the settings.
_GENERATED = "/run/systemd/generator/vestibule-portal.socket.d/settings.conf"
# What `end` ends, where it is not an errand; the access point comes back by itself.
_UNITS = {"radio": ("stop", "vestibule-radio.service"), "hostapd": ("restart", AP)}

# Between two looks at what tells nobody that it stands still.
LOOK_SECONDS = 5.0
# hostapd answers from its loop, but may be busy with the driver; so many looks without an answer.
_UNANSWERED = 2
# So many looks without a hostapd: a start takes it seconds, and in the busy lab up to twenty.
_ABSENT = 8
# What is wrong may be somebody's next step: a join takes the link down for a moment, too.
_SETTLE_SECONDS = 3.0
# After an access point that did not come up: the next try, doubled until it is a quarter of an
# hour. An adapter that is plugged in is tried at once.
_AGAIN, _AGAIN_LONGEST = 15.0, 900.0
_PLUGGED_SECONDS = 1.0


class Steward(Orders):
    """The supervisor that a `Household` asks. `config` is the settings file, `systemctl` are the
    words that start that program, `fault` says what is wrong with an interface and an address
    (`pulse.fault`).
    """

    def __init__(
        self,
        house: Household,
        runtime: str,
        *,
        loop: Loop | None = None,
        config: str = "",
        systemctl: tuple[str, ...] = ("systemctl",),
        fault: Callable[[str, str], str] = pulse.fault,
    ) -> None:
        super().__init__(systemctl, loop)
        self._house = house
        self._runtime = runtime
        self._config = config
        self._fault = fault
        self._stations = Stations(self.loop, self._counted)
        self._there: tuple[str, str] | None = None
        self._wanted = False
        self._unread = self._absent = 0
        self._again = _AGAIN
        self._radios: frozenset[str] = frozenset()
        self._waiting = False

    def run(self) -> int:
        """Until SIGTERM; the units it has started stay with systemd."""
        self.loop.hear_signals()
        bell = Bell(self.loop, pulse.GROUPS, self._rung)
        try:
            self._live()
        except Stopping:
            log("vestibule: the house is left")
        finally:
            self._stations.close()
            self.loop.close()
            bell.close()
        return 0

    def _live(self) -> None:
        notify.tell("READY=1")
        self._beat()
        if not self._house.away:
            self.ascend()
        self._house.begin(self)
        while True:
            self._turn()
            self._do_what_was_asked()

    # --- what a household asks ---------------------------------------------------------------

    def ascend(self) -> bool:
        """Have the access point there: now, or as soon as that can be. Always true, therefore."""
        self._wanted = True
        self._come_up()
        return True

    def descend(self) -> None:
        """Have it gone, and everything put back."""
        self._wanted = False
        self._forget()
        self._take_down()
        notify.tell("STATUS=no access point: none is wanted")

    def start(self, step: Step) -> None:
        """Start an errand; the house is told how it ended."""
        self._start_aside(step.name, _errand(step.name), self._house.ended)

    def end(self, name: str) -> None:
        """End a program, and wait for that."""
        self._systemd(*_UNITS.get(name, ("stop", _errand(name))))

    # --- up, or not yet ----------------------------------------------------------------------

    def _come_up(self) -> None:
        self._forget()
        notify.tell("STATUS=the access point is coming up")
        if is_newer(self._config, _GENERATED):
            # The address may be another one, and the sockets are systemd's.
            self._systemd("daemon-reload")
        self._systemd("start", HOTSPOT)
        if self._systemd("is-active", "--quiet", AP) == 0:
            self._again = _AGAIN
            self._attach()
            return
        # Whatever stands in the way has the adapter to itself until the next try.
        self._take_down()
        self._wait()

    def _take_down(self) -> None:
        # The target alone is down before its members are, and this one is the last of them.
        self._systemd("stop", HOTSPOT, PREPARE)

    def _wait(self) -> None:
        self._waiting = True
        self._radios = pulse.radios()
        self.loop.later("again", self._again, lambda: self.ask(self._try_again))
        why = f"no access point now: journalctl -u {PREPARE} -u {AP} says why"
        notify.tell(f"STATUS={why}; waiting for an adapter, or {self._again:g} s")
        log(f"vestibule: {why}. Tried again when an adapter comes, and in {self._again:g} s")
        self._again = min(2 * self._again, _AGAIN_LONGEST)

    def _try_again(self) -> None:
        if not (self._wanted and self._waiting):
            return
        if self._there:
            # Everything but the air is there yet.
            self._waiting = False
            self._put_right(pulse.GONE)
        else:
            self._come_up()

    def _forget(self) -> None:
        self._there, self._waiting = None, False
        self._stations.close()
        for timer in ("again", "plugged", "dead"):
            self.loop.cancel(timer)

    def _attach(self) -> None:
        """Watch the access point that is there."""
        try:
            self._there = foreground.access_point(f"{self._runtime}/dnsmasq.conf")
        except (OSError, Refused) as reason:
            log(f"vestibule: the access point is not watched: {reason}")
            return
        self._house.interface = self._there[0]
        self._stations.watch(self._runtime, self._there[0])
        notify.tell("STATUS=the access point is on the air")

    def _counted(self, stations: int, silent: bool) -> None:  # noqa: FBT001 - what a callback is told
        self._house.counted(stations, silent=silent)
        if silent:
            self._rung()

    # --- does it live? -----------------------------------------------------------------------

    def _beat(self) -> None:
        notify.tell("WATCHDOG=1")
        self.loop.later("beat", notify.pace(LOOK_SECONDS), self._beat)
        if self._there and not self._running and not self._waiting:
            self._look_at_programs()
            self._rung()

    def _look_at_programs(self) -> None:
        try:
            is_mute = self._stations.ping() >= _UNANSWERED
            self._absent = 0
        except OSError:
            # Started anew since, by systemd; or started again and again.
            is_mute = False
            self._absent += 1
            self._attach()
        if self._absent > _ABSENT:
            self._absent = 0
            log("vestibule: hostapd does not come back: all begins anew")
            self.ask(self._begin_anew)
        if is_mute or stuck.is_stopped(AP):
            self._kill(AP, "hostapd")
        # A question is taken at once: one that lies there for so long is not being read.
        self._unread = self._unread + 1 if stuck.waits() else 0
        if self._unread > _UNANSWERED or stuck.is_stopped(DHCP):
            self._unread = 0
            self._kill(DHCP, "dnsmasq")

    def _kill(self, unit: str, program: str) -> None:
        log(f"vestibule: {program} stands still: killed, and started again")
        self.ask(lambda: self._kill_now(unit))

    def _kill_now(self, unit: str) -> None:
        self._systemd("kill", "--signal=KILL", unit)

    def _rung(self) -> None:
        """Something of the machine's network has changed, or it is time to look."""
        if self._waiting:
            if pulse.radios() - self._radios:
                self.loop.later("plugged", _PLUGGED_SECONDS, lambda: self.ask(self._try_again))
        elif self._dead():
            self.loop.later("dead", _SETTLE_SECONDS, lambda: self.ask(self._mend))

    def _dead(self) -> str:
        """What keeps the access point from working; "" where nothing does, or a join may."""
        if not self._there or self._house.joining:
            return ""
        return self._fault(*self._there) or (pulse.SILENT if self._stations.silent else "")

    def _mend(self) -> None:
        if why := self._dead():
            log(f"vestibule: the access point is dead: {why}")
            self._put_right(why)

    def _put_right(self, why: str) -> None:
        if self._repair(why):
            self._again = _AGAIN
            log("vestibule: the access point lives again")
        elif why == pulse.GONE:
            # The page and its readers stay; a hostapd without a radio would be started for ever.
            self._systemd("stop", AP)
            self._wait()
        else:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._take_down()
        self._come_up()

    def _repair(self, why: str) -> bool:
        """Put right what is wrong under the servers, which need not know."""
        orders = [("reload", PREPARE)]
        if why == pulse.GONE:
            orders.append(("restart", AP))
        elif why != pulse.HOMELESS:
            # First in the air again, then put in order: mostly nothing is missing. An address is
            # all that hostapd knows nothing of.
            orders.insert(0, ("restart", AP))
        if any(self._systemd(*order) != 0 for order in orders):
            return False
        self._attach()
        return not self._dead()


def is_newer(settings: str, made: str) -> bool:
    """Whether the settings have changed since this was made of them."""
    try:
        return os.stat(settings).st_mtime_ns > os.stat(made).st_mtime_ns  # noqa: PTH116 - pathlib would add 0.9 MiB
    except OSError:
        return False


def _errand(name: str) -> str:
    return f"vestibule-errand@{name}.service"
