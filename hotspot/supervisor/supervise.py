"""The foreground life: everything comes up in order, is kept up, and goes down in reverse.

A signal is heard at every moment, also in the middle of `prepare`, and whatever happens the
last thing to run is `restore`. What needs libraries runs in children that end, so that this
process stays small.
"""

from __future__ import annotations

import functools
import signal

from hotspot.errors import Refused
from hotspot.log import log
from hotspot.supervisor import backoff, children, order, sockets
from hotspot.supervisor.keeping import INTERRUPTED, LEFT_BEHIND, Keeper, Stopping, how

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hotspot.home.household import Household
    from hotspot.supervisor.children import Child
    from hotspot.supervisor.loop import Loop
    from hotspot.supervisor.order import Step


class Failed(Exception):  # noqa: N818 - named like its step's outcome
    """A step that all the rest stands on has not succeeded; `status` is for our own exit."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Supervisor(Keeper):
    """Walks `steps`. `argv` gives a step's program, `here` does what the supervisor does itself.

    One of `here` may put sockets into `sockets`; they are the supervisor's then. `restore` runs
    at the very end, whatever has happened. Where there is a `house`, it says when the access
    point comes and goes, and is told which program ended and how.
    """

    def __init__(
        self,
        steps: tuple[Step, ...],
        argv: Callable[[str], list[str]],
        here: Mapping[str, Callable[[], None]],
        *,
        restore: Step | None = None,
        loop: Loop | None = None,
        house: Household | None = None,
    ) -> None:
        super().__init__(loop)
        self._steps = {step.name: step for step in steps}
        self._argv = argv
        self._here = here
        self._restore = restore
        self._house = house
        self._asked: list[Callable[[], None]] = []
        self._statuses: dict[str, int] = {}
        self._delays: dict[str, float] = {}
        self._put_off: set[str] = set()
        self._fallen: list[Step] = []
        self._leaving: set[str] = set()

    def run(self) -> int:
        """Up, on, and down again: the exit status."""
        self.loop.hear_signals()
        try:
            self._live()
        except Stopping:
            log("vestibule: going down")
            status = 0
        except Failed as failure:
            status = failure.status
        except Refused as refusal:
            log(str(refusal))
            status = refusal.status
        finally:
            restored = self._down()
        return status or restored

    def _live(self) -> None:
        steps = order.lasting(self._steps) if self._house and self._house.away else self._steps
        for name in steps:
            self._walk(self._steps[name])
        if self._house:
            self._house.begin(self)
        while True:
            self._turn()
            # Here and not where it fell: this takes many turns, and what dies meanwhile, also
            # the same one again, is seen to in them.
            while self._fallen:
                self._bring_back(self._fallen.pop())
            while self._asked:
                self._asked.pop(0)()

    def ask(self, act: Callable[[], None]) -> None:
        """Do something that takes many turns, as soon as nothing of the kind is under way."""
        self._asked.append(act)

    # --- the way up -----------------------------------------------------------------------

    def _walk(self, step: Step) -> None:
        if step.kind == order.HERE:
            self._here[step.name]()
        elif step.kind == order.ONCE:
            status = self._once(step)
            if status:
                raise Failed(status)
        elif step.kind == order.CALLED:
            self._await(step)
        else:
            self._start(step)

    def _await(self, step: Step) -> None:
        """Start it when its socket is readable: rung, or called."""
        self.loop.watch(self.sockets[step.sockets[0]], lambda: self._start(step))

    def _once(self, step: Step) -> int:
        """Run a step to its end: its exit status, or 1 when it was killed or took too long."""
        argv = self._argv(step.name)
        self._begin(step, children.start_on_terminal(step.name, argv, self.loop.clock()))
        if not self._ends_within(step.name, step.patience):
            log(f"vestibule: {step.name} has not ended after {step.patience:g} s: stopped")
            self._end(step.name, INTERRUPTED)
            return 1
        status = self._statuses[step.name]
        if status < 0:
            log(f"vestibule: {step.name} {how(status)}")
        return status if status >= 0 else 1

    def _start(self, step: Step) -> None:
        """Start a program that stays, or one that has work now."""
        self._put_off.discard(step.name)
        inherited = [self.sockets[name] for name in step.sockets]
        if step.kind in order.AWAITED:
            self.loop.forget(inherited[0])
        if step.kind == order.RUNG:
            # Its own first look finds what was announced until now. Left ringing, the bell would
            # start it once more for nothing, and for ever if it did not listen.
            sockets.silence(inherited[0])
        numbers = [held.fileno() for held in inherited]
        argv = self._argv(step.name)
        self._begin(step, children.start(step.name, argv, numbers, self.loop.clock()))

    # --- between two lives of the access point ----------------------------------------------

    def ascend(self) -> bool:
        """Walk up again with all that had gone down: whether everything came up."""
        try:
            for name in order.passing(self._steps):
                self._walk(self._steps[name])
        except (Failed, Refused) as failure:
            log(str(failure) if isinstance(failure, Refused) else "vestibule: not on the air")
            self.descend()
            return False
        return True

    def descend(self) -> None:
        """End what the access point is made of, the air first, and put its interface back."""
        self._leaving = set(order.passing(self._steps))
        for name in self._leaving:
            self.loop.cancel(name)
        self._fallen.clear()
        for step in order.down(tuple(self._steps.values())):
            if step.name in self._leaving:
                self._end(step.name, step.patience)
        self._here[order.LEAVE]()
        if self._restore and self._once(self._restore):
            log("vestibule: not everything could be put back; tried again at the end")
        self._leaving.clear()

    def start(self, step: Step) -> None:
        """Start a program aside; the house is told how it ended, by itself or in the end by us."""
        if step.name not in self._running:
            argv = self._argv(step.name)
            self._begin(step, children.start(step.name, argv, (), self.loop.clock()))
            too_long = functools.partial(self.ask, functools.partial(self.end, step.name))
            self.loop.later(step.name, step.patience, too_long)

    def end(self, name: str) -> None:
        """End a program, or one started aside, and wait for that; it comes back if it stays."""
        self._end(name, INTERRUPTED)

    # --- death and return -----------------------------------------------------------------

    def _ended(self, step: Step, child: Child) -> None:
        self.loop.forget(child.pidfd)
        del self._running[step.name]
        self._statuses[step.name] = status = child.status()
        if step.kind == order.ASIDE:
            self.loop.cancel(step.name)
        if step.kind in order.BRIEF or self._going_down or step.name in self._leaving:
            self._collect(child)
        elif step.kind in order.AWAITED and status == 0:
            self._collect(child)
            self._delays.pop(step.name, None)
            self._await(step)
        else:
            child.send_all(signal.SIGTERM)
            self._left_behind.append(child)
            self.loop.later(f"collect {child.pid}", LEFT_BEHIND, lambda: self._collect(child))
            self._start_later(step, how(status), self.loop.clock() - child.started)
        if self._house and not self._going_down:
            self._house.ended(step.name, status)

    def _start_later(self, step: Step, why: str, lived: float = 0.0) -> None:
        delay = backoff.delay(self._delays.get(step.name, 0.0), lived)
        self._delays[step.name] = delay
        self._put_off.add(step.name)
        alone = step.again == (step.name,)
        due = self._start if alone else self._fallen.append
        self.loop.later(step.name, delay, lambda: due(step))
        log(f"vestibule: {step.name} {why}, starts again in {delay:g} s")

    def _bring_back(self, step: Step) -> None:
        """Walk the steps that bring one back; if one of them fails, later again."""
        self._put_off.discard(step.name)
        first = self._delays[step.name] == backoff.FIRST
        try:
            for name in step.again if first else step.repair:
                self._walk(self._steps[name])
        except Failed:
            self._end(step.name, step.patience)
            if step.name not in self._put_off:
                self._start_later(step, "could not be brought back")
        else:
            log(f"vestibule: {step.name} is back")

    # --- the way down ---------------------------------------------------------------------

    def _down(self) -> int:
        """End what runs, the last first, and restore: 0, or the status of a failed restore."""
        self._going_down = True
        self.loop.forget_timers()
        staying = [*order.down(tuple(self._steps.values()))]
        for name in {*self._running}.difference(step.name for step in staying):
            self._end(name, INTERRUPTED)
        for step in self._steps.values():
            if step.kind in order.AWAITED and step.sockets[0] in self.sockets:
                self.loop.forget(self.sockets[step.sockets[0]])
        for step in staying:
            self._end(step.name, step.patience)
        for child in [*self._left_behind]:
            self._collect(child)
        restored = self._once(self._restore) if self._restore else 0
        for held in self.sockets.values():
            held.close()
        self.loop.close()
        return restored
