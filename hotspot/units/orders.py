"""What systemd is asked to do: each a `systemctl`, which waits for what it has asked for.

The loop goes on meanwhile, as it does in `hotspot.supervisor.supervise` while a step runs.
"""

from __future__ import annotations

import functools

from hotspot.supervisor import children
from hotspot.supervisor.keeping import INTERRUPTED, Keeper
from hotspot.supervisor.order import ASIDE, ONCE, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.supervisor.children import Child
    from hotspot.supervisor.loop import Loop

# All units have limits of their own; this is for a systemd that hangs.
_PATIENCE = 900.0


class Orders(Keeper):
    """Gives systemd orders; `systemctl` are the words that start that program."""

    def __init__(self, systemctl: tuple[str, ...], loop: Loop | None = None) -> None:
        super().__init__(loop)
        self._systemctl = systemctl
        self._asked: list[Callable[[], None]] = []
        self._statuses: dict[str, int] = {}
        self._told: dict[str, Callable[[str, int], None]] = {}

    def ask(self, act: Callable[[], None]) -> None:
        """Do something that takes many turns, as soon as nothing of the kind is under way."""
        self._asked.append(act)

    def _do_what_was_asked(self) -> None:
        while self._asked:
            self._asked.pop(0)()

    def _systemd(self, *words: str) -> int:
        """Have systemd do something, going on with everything else: systemctl's exit status."""
        step = Step(" ".join(words), ONCE)
        self._begin_one(step, words)
        if not self._ends_within(step.name, _PATIENCE):
            self._end(step.name, INTERRUPTED)
        return self._statuses.pop(step.name, 1)

    def _start_aside(self, name: str, unit: str, told: Callable[[str, int], None]) -> None:
        """Have it start a unit, unless it is about to; `told(name, status)` when that is over."""
        if name not in self._running:
            self._told[name] = told
            self._begin_one(Step(name, ASIDE), ("start", unit))

    def _begin_one(self, step: Step, words: tuple[str, ...]) -> None:
        argv = [*self._systemctl, *words]
        self._begin(step, children.start("systemctl", argv, (), self.loop.clock()))

    def _ended(self, step: Step, child: Child) -> None:
        self.loop.forget(child.pidfd)
        del self._running[step.name]
        status = child.status()
        self._collect(child)
        if step.kind == ASIDE:
            self.ask(functools.partial(self._told.pop(step.name), step.name, status))
        else:
            self._statuses[step.name] = status
