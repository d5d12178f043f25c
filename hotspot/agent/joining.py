"""The one join that may be under way, and the last one that was, on file for whoever asks later.

A join goes on when its asker has left. RUNTIME/join.json holds what was told of it, without any
secret: it is read again by the agent that comes after an idle hour, and if a join has no end
in it, its agent was killed in the middle, and that is then the end.
"""

from __future__ import annotations

import contextlib
import json
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from hotspot import files
from hotspot.agent.port import Cancelled, CannotNow
from hotspot.agent.protocol import Event
from hotspot.agent.story import Story
from hotspot.log import log
from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, Outcome, Step
from hotspot.uplink.wanted import Wanted

FILE: Final = "join.json"

Attempt = Callable[[str, Wanted, Callable[[outcome.Event], None], Cancelled], Ended]


class Busy(Exception):  # noqa: N818 - an answer, not a crash
    """Another join is under way."""


class Unknown(Exception):  # noqa: N818 - an answer, not a crash
    """No join of that key is known any more."""


class Joining:
    """Joins one after the other by `attempt`; what was told is kept in the directory `runtime`.

    `cut_off`: the last one had no end when this agent began.
    """

    def __init__(self, attempt: Attempt, runtime: Path) -> None:
        self._attempt = attempt
        self._file = runtime / FILE
        self._turn = threading.Lock()
        self._cancelled = threading.Event()
        self._seen = _version(self._file)
        self._key, self._story, self.cut_off = _read(self._file)

    @property
    def under_way(self) -> bool:
        """Whether a join has begun and not ended."""
        return not self._story.ended

    def begin(self, key: str, wanted: Wanted) -> Story:
        """Begin a join: its story. Raises `Busy`."""
        with self._turn:
            if self.under_way:
                raise Busy
            self._cancelled = threading.Event()
            self._key, self._story = key, Story()
            self._write()
            threading.Thread(
                target=self._run, args=(key, wanted, self._story, self._cancelled), name="join"
            ).start()
            return self._story

    def follow(self, key: str) -> Story:
        """The story of the join under way, or of the last one. Raises `Unknown`."""
        with self._turn:
            self._look()
            if key != self._key:
                raise Unknown
            return self._story

    def cancel(self, key: str) -> None:
        """Ask for the end of the join under way. Raises `Unknown`; one that has ended stays so."""
        with self._turn:
            if key != self._key:
                raise Unknown
            self._cancelled.set()

    def end(self) -> None:
        """Cancel what is under way and wait until it has cleaned up after itself."""
        self._cancelled.set()
        self._story.wait()

    def last(self) -> dict[str, Any] | None:
        """The join under way or the last one: its key, and its outcome with what belongs to it."""
        with self._turn:
            self._look()
            if not self._key:
                return None
            told = self._story.so_far()
        ended = dict(told[-1]) if told and told[-1]["event"] == "outcome" else {"outcome": None}
        ended.pop("event", None)
        return ended | {"key": self._key}

    def _run(self, key: str, wanted: Wanted, story: Story, cancelled: threading.Event) -> None:
        def tell(event: outcome.Event) -> None:
            story.tell(outcome.written(event))
            self._write()

        try:
            tell(self._tried(key, wanted, tell, cancelled))
        finally:
            story.end()

    def _tried(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: threading.Event,
    ) -> Ended:
        try:
            return self._attempt(key, wanted, tell, cancelled)
        except CannotNow as reason:
            return self._failed(str(reason))
        except Exception as bug:  # noqa: BLE001 - this thread's one top-level handler
            log_bug("join", bug)
            return self._failed("a fault of ours; the log says more")

    def _failed(self, what: str) -> Ended:
        steps = [event["step"] for event in self._story.so_far() if event["event"] == "step"]
        at = Step(steps[-1]) if steps else Step.FOUND
        return Ended(outcome=Outcome.FAILED, step=at, key=self._key, what=what)

    def _write(self) -> None:
        # The join counts for more than the memory of it.
        with contextlib.suppress(OSError):
            write(self._file, self._key, self._story.so_far())
            self._seen = _version(self._file)

    def _look(self) -> None:
        """Take over what another process has written since: see `lose`."""
        if not self.under_way and _version(self._file) not in {None, self._seen}:
            self._seen = _version(self._file)
            self._key, self._story, _ = _read(self._file)


def log_bug(where: str, bug: Exception) -> None:
    """A line for what should not have happened; not its words, which may repeat a secret."""
    *_, (frame, line) = traceback.walk_tb(bug.__traceback__)
    at = f"{Path(frame.f_code.co_filename).name}:{line}"
    log(f"radio: {where}: {type(bug).__name__} at {at}: report this as a bug")


def lose(runtime: Path) -> None:
    """The network that the last join had kept was not there when it counted: that is its end."""
    key, story, _ = _read(runtime / FILE)
    told = story.so_far()
    if not told or told[-1].get("outcome") != Outcome.CONNECTED:
        return
    lost = outcome.written(Ended(outcome=Outcome.LOST, step=Step.KEPT, key=key))
    with contextlib.suppress(OSError):
        write(runtime / FILE, key, [*told[:-1], lost])


def write(file: Path, key: str, events: Sequence[Event]) -> None:
    """Put the story of a join on file. Raises `OSError`."""
    document = {"key": key, "events": events}
    files.replace(file, json.dumps(document).encode("ascii"), mode=0o640)


def _version(file: Path) -> tuple[int, int] | None:
    """What is another one whenever the file has been replaced; `None` without a file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _read(file: Path) -> tuple[str, Story, bool]:
    """Key and story of the last join, and whether it was cut off; it then ends as failed."""
    try:
        document = json.loads(file.read_bytes())
        key = document["key"].strip()
        told = [outcome.read(event) for event in document["events"]]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        # Not there, or not ours: nothing is known.
        return "", Story(ended=True), False
    cut_off = not told or not isinstance(told[-1], Ended)
    if cut_off:
        steps = [event.step for event in told if isinstance(event, outcome.Went)]
        what = "the radio agent was stopped in the middle of it"
        at = steps[-1] if steps else Step.FOUND
        told.append(Ended(outcome=Outcome.FAILED, step=at, key=key, what=what))
    events: list[Event] = [outcome.written(event) for event in told]
    return key, Story(tuple(events), ended=True), cut_off
