"""One join seen through to its end: asked for, followed, looked after, kept.

Law: the outcome is kept before anybody is told. Where the radio broke off in the middle, it is
asked afterwards: it still has the join, or what it made permanent carries the record's name, or
nobody knows, and that is kept too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from portal.joining.progress import Progress
from portal.joining.radio import ANSWERING, SILENCE, Absent, Silent, Talk
from portal.joining.reports import Ended, Moving, Refused, Status, Went
from portal.provisioning.join import CONNECTED, FAILED, Turn
from portal.provisioning.keeping.store import Attempt, Unwritable
from portal.provisioning.life import Life
from portal.provisioning.record import Record

# Seconds: between two looks at a disk in trouble or a radio that is gone, and how long an agent
# that has died may take to come back.
PAUSE: Final = 1.0
COMING_BACK: Final = 15.0
_BUSY: Final = "busy"


class Line(Protocol):
    """Where the records in line are kept; each raises `Unwritable`."""

    def unsettled(self) -> list[Attempt]:
        """Those whose join is to come or under way, oldest first."""
        ...

    def latest(self) -> Life | None:
        """The one that was last to be joined."""
        ...

    def turn(
        self,
        id: str,  # noqa: A002 - the record's own word
        turn: Turn,
        *,
        outcome: str | None = None,
        step: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> bool:
        """Let `turn` happen, durably; False where it has no effect."""
        ...


class Asked(Protocol):
    """What is asked to join; see `portal.joining.radio.Radio`."""

    def ask(self, request: Mapping[str, Any], silence: float = ANSWERING) -> Talk:
        """Say one request. Raises `Absent`."""
        ...


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears of what: `told(id)` after every change of a join; `settled(id)` once its outcome
    is kept, and before it is told; `recalled(life)` at the start, of the last one that has ended;
    `log` takes lines.
    """

    told: Callable[[str], None]
    settled: Callable[[str], None]
    recalled: Callable[[Life], None]
    log: Callable[[str], None]


class World:
    """What a trial needs: the `line`, the `radio`, `ears`, and how to stop.

    `clock` is monotonic, in seconds; `stopped` ends all waiting.
    """

    def __init__(self, line: Line, radio: Asked, ears: Ears, *, clock: Callable[[], float]) -> None:
        self.line = line
        self.radio = radio
        self.told = ears.told
        self.settled = ears.settled
        self.recalled = ears.recalled
        self.log = ears.log
        self.clock = clock
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._talk: Talk | None = None

    @contextmanager
    def talk(self, request: Mapping[str, Any], silence: float = ANSWERING) -> Iterator[Talk]:
        """A conversation with the radio that `stop` ends. Raises `Absent`."""
        with self.radio.ask(request, silence) as talk:
            with self._lock:
                self._talk = talk
            try:
                if self.stopped.is_set():
                    talk.close()
                yield talk
            finally:
                with self._lock:
                    self._talk = None

    def stop(self) -> None:
        """End all waiting and talking."""
        self.stopped.set()
        with self._lock:
            if self._talk is not None:
                self._talk.close()

    def status(self) -> Status:
        """How things stand with the radio. Raises `Silent`."""
        with self.talk({"verb": "status"}) as talk:
            for report in talk:
                if isinstance(report, Status):
                    return report
        raise Silent("this device's radio does not say how it is")

    def settle(self, id_: str, ended: Ended, turn: Turn | None = None) -> None:
        """Keep how a join ended, however long the disk takes; then let it be known."""
        turn = turn or (Turn.CONNECTED if ended.outcome == CONNECTED else Turn.FAILED)
        outcome = ended.outcome or None
        while True:
            try:
                self.line.turn(id_, turn, outcome=outcome, step=ended.step, detail=ended.detail)
                break
            except Unwritable as error:
                self.log(f"record {id_}: {error}; trying again")
                if self.stopped.wait(PAUSE):
                    return
        self.log(f"record {id_}: {ended.outcome or turn.value} at {ended.step}")
        self.settled(id_)
        self.told(id_)


class Trial:
    """One join of the record called `id`; `progress` is what has been reported so far.

    `record` is None where it cannot be read, or only its end is asked for.
    """

    def __init__(self, world: World, id: str, record: Record | None = None) -> None:  # noqa: A002 - the record's own word
        self._world = world
        self._record = record
        self.id = id
        self.progress = Progress()

    def begin(self, network: Mapping[str, Any]) -> bool:
        """Have it joined, to the end; False where the radio is busy with another one."""
        request = {"verb": "join", "key": self.id, "network": network}
        try:
            refused = self._follow(request)
        except Absent as absent:
            self.fail(str(absent))
        except Silent as silent:
            self._world.log(f"record {self.id}: {silent}")
            self.look_after()
        else:
            if refused is not None and refused.what == _BUSY:
                return False
            if refused is not None:
                self.fail(f"{refused.field} {refused.what}".strip())
        return True

    def fail(self, what: str) -> None:
        """It is our own fault, and this is why."""
        self._settle(Ended(FAILED, self._step, {"what": what}))

    def look_after(self) -> None:
        """Find out what became of it; nobody has followed it to its end."""
        world, words = self._world, ""
        until = world.clock() + COMING_BACK
        while not world.stopped.is_set() and world.clock() < until:
            try:
                if self._is_known():
                    return
                break
            except Silent as silent:
                words = str(silent)
                world.stopped.wait(PAUSE)
        if not world.stopped.is_set():
            what = {"what": words} if words else {}
            world.settle(self.id, Ended("", self._step, what), Turn.INTERRUPTED)

    def _is_known(self) -> bool:
        """Whether the radio knows how it went, or how it goes on: then it is settled. `Silent`."""
        status = self._world.status()
        # An agent that was killed behind its last step calls that a failure: what is kept counts.
        is_kept = status.kept == self.id and status.outcome not in {None, CONNECTED}
        if status.join == self.id and not is_kept:
            if self._follow({"verb": "follow", "key": self.id}) is None:
                return True
            status = self._world.status()
        if status.kept == self.id:
            self._settle(Ended(CONNECTED, "kept"))
            return True
        return False

    def _follow(self, request: Mapping[str, Any]) -> Refused | None:
        """Ask, and take note of what is reported until it is settled or we are to stop.

        Raises `Silent`, also where the reports end before the join does.
        """
        with self._world.talk(request, SILENCE) as talk:
            for report in talk:
                if isinstance(report, Moving | Went):
                    self.progress = self.progress.after(report)
                    self._world.told(self.id)
                elif isinstance(report, Ended):
                    self._settle(report)
                    return None
                elif isinstance(report, Refused):
                    return report
        if not self._world.stopped.is_set():
            raise Silent("this device's radio broke off")
        return None

    @property
    def _step(self) -> str:
        """The last step there was."""
        return [*self.progress.steps][-1] if self.progress.steps else "found"

    def _settle(self, ended: Ended) -> None:
        """Keep the end, without any secret of the record in its words."""
        detail = {
            name: self._record.redact(value) if self._record and isinstance(value, str) else value
            for name, value in ended.detail.items()
        }
        self._world.settle(self.id, Ended(ended.outcome, ended.step, detail))
