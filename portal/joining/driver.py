"""The joins of this device: the records in line, given to the radio one after the other.

Law: one thread, and only while there is work. A record is marked as being tried before the radio
hears of it; so a portal, an agent or a machine that ends in between leaves a record whose truth
is asked for afterwards (`portal.joining.trial`).
"""

from __future__ import annotations

import threading
from typing import Final

from portal.joining import wish
from portal.joining.progress import Progress
from portal.joining.radio import Silent
from portal.joining.reports import Ended
from portal.joining.trial import PAUSE, Trial, World
from portal.provisioning.join import CONNECTED, OPEN, Phase, Turn
from portal.provisioning.keeping.store import Attempt, Unwritable
from portal.provisioning.record import Invalid, from_json

# Seconds until a radio that has somebody else's join is asked again. Each try is two commits.
BUSY_PAUSE: Final = 3.0


class Joining:
    """The driver, for any number of threads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._rung = False
        self._recovered = False
        self._trial: Trial | None = None

    # --- what others ask -------------------------------------------------------------------

    def wake(self) -> None:
        """There may be somebody in line."""
        with self._lock:
            self._rung = True
            if self._thread is None and not self._world.stopped.is_set():
                self._thread = threading.Thread(target=self._work, name="joining", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread for good; the radio goes on, and a successor of ours follows it."""
        self._world.stop()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    @property
    def busy(self) -> bool:
        """Whether a join of ours is under way."""
        return self._trial is not None

    def progress(self, id: str) -> Progress | None:  # noqa: A002 - the record's own word
        """What has been reported of a join that is under way."""
        trial = self._trial
        return trial.progress if trial is not None and trial.id == id else None

    def ahead(self, id: str) -> int:  # noqa: A002 - the record's own word
        """How many joins come before that of the record called `id`. Raises `Unwritable`."""
        line = [each.id for each in self._in_line()]
        return line.index(id) if id in line else 0

    def again(self, id: str) -> bool:  # noqa: A002 - the record's own word
        """Put a record that did not connect in line once more; False where it did, or still may.

        Raises `Unwritable`.
        """
        changed = self._world.line.turn(id, Turn.AGAIN)
        if changed:
            self._world.told(id)
            self.wake()
        return changed

    def cancel(self, id: str) -> None:  # noqa: A002 - the record's own word
        """Let go of a join that waits or is under way. Raises `Unwritable`."""
        trial = self._trial
        if trial is None or trial.id != id:
            if self._world.line.turn(id, Turn.FAILED, outcome="cancelled"):
                self._world.told(id)
            return
        try:
            # Asked and left: its end is heard of where it is being followed.
            with self._world.radio.ask({"verb": "cancel", "key": id}):
                pass
        except Silent as silent:
            self._world.log(f"record {id}: {silent}")

    # --- the thread ------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while self._is_wanted():
                try:
                    self._walk()
                except Unwritable as error:
                    self._world.log(f"{error}; trying again")
                    self._rung = True
                    self._world.stopped.wait(PAUSE)
        except BaseException:
            # A bug: whoever comes next gets a new thread.
            self._thread = None
            raise

    def _is_wanted(self) -> bool:
        with self._lock:
            wanted, self._rung = self._rung and not self._world.stopped.is_set(), False
            if not wanted:
                self._thread = None
            return wanted

    def _walk(self) -> None:
        """Try whoever is in line, until nobody is."""
        if not self._recovered:
            self._recover()
            self._recovered = True
        while not self._world.stopped.is_set():
            line = self._in_line()
            if not line:
                return
            for each in line[1:]:
                self._world.told(each.id)
            self._try(line[0])

    def _in_line(self) -> list[Attempt]:
        """Whose turn it is, and then: first who is being tried, as the radio may still be at it."""
        return sorted(self._world.line.unsettled(), key=lambda each: each.phase is Phase.WAITING)

    def _recover(self) -> None:
        """Recall the last one; believe what is permanent over an attempt whose end nobody saw."""
        latest = self._world.line.latest()
        if latest is None or latest.join is None:
            return
        if latest.join.state not in OPEN:
            self._world.recalled(latest)
        if latest.join.state is not Phase.INTERRUPTED:
            return
        try:
            status = self._world.status()
        except Silent:
            return
        if status.kept == latest.id:
            self._world.settle(latest.id, Ended(CONNECTED, "kept"))

    def _try(self, attempt: Attempt) -> None:
        """Bring one join to its end, or put it off."""
        try:
            record = from_json(attempt.body)
        except Invalid:
            record = None
        self._trial = trial = Trial(self._world, attempt.id, record)
        try:
            if attempt.phase is Phase.TRYING:
                trial.look_after()
            elif self._world.line.turn(attempt.id, Turn.BEGUN):
                self._world.told(attempt.id)
                if record is None:
                    trial.fail("what was saved cannot be read")
                elif record.sealed is not None:
                    trial.fail("its password is not kept any more; please type it again")
                elif not trial.begin(wish.network(record)):
                    self._put_off(attempt.id)
        finally:
            self._trial = None

    def _put_off(self, id_: str) -> None:
        """The radio has somebody else's join: ours waits."""
        self._world.line.turn(id_, Turn.PUT_OFF)
        self._world.told(id_)
        self._world.stopped.wait(BUSY_PAUSE)
