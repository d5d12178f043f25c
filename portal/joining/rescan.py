"""Looking around again: the radio agent scans while the access point goes on, when asked to.

Law: one scan at a time, none while a network is being joined, and of our own accord at most one a
minute, while somebody has the page open and nobody is just loading it. The agent writes the list
where `portal.form.scans` reads it; here is only how far it has got.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from portal.joining.radio import Silent, Talk
from portal.joining.reports import Refused, Scanned, Scanning
from portal.joining.trial import Asked

# Seconds. A list that is older is looked through again while somebody is here, who is so for a
# while after the last page; a page with all that belongs to it is loaded within the third.
OLD: Final = 60.0
HERE: Final = 120.0
LOADED: Final = 3.0
# Between two reports: a channel with the pause after it takes half a second, a busy agent longer.
_SILENCE: Final = 30.0


class Rescan:
    """Scans on request and now and then, for any number of threads. `clock` is monotonic.

    `busy()` says whether a network is being joined.
    """

    def __init__(
        self,
        radio: Asked,
        *,
        busy: Callable[[], bool],
        clock: Callable[[], float],
        log: Callable[[str], None],
    ) -> None:
        self._radio = radio
        self._busy = busy
        self._clock = clock
        self._log = log
        self._lock = threading.Lock()
        self._talk: Talk | None = None
        # The first list was made before the access point began.
        self._ended = clock()
        self._visited = float("-inf")
        self.progress: Scanning | None = None

    def visited(self) -> None:
        """Somebody is loading a page."""
        self._visited = self._clock()

    @property
    def due(self) -> bool:
        """Whether it is time to look around of our own accord."""
        now = self._clock()
        is_here = LOADED <= now - self._visited <= HERE
        return is_here and now - self._ended >= OLD and not self.progress and not self._busy()

    def begin(self) -> bool:
        """Begin to scan, or let the scan under way go on; False where the radio has a join.

        Raises `radio.Silent`.
        """
        with self._lock:
            if self.progress is not None:
                return True
            if self._busy():
                return False
            talk = self._radio.ask({"verb": "scan"}, _SILENCE)
            self._talk, self.progress = talk, Scanning(0, 0)
            threading.Thread(target=self._follow, args=[talk], name="scan", daemon=True).start()
            return True

    def _follow(self, talk: Talk) -> None:
        try:
            with talk:
                for report in talk:
                    if isinstance(report, Scanning):
                        self.progress = report
                    elif isinstance(report, Refused):
                        self._log(f"scan: {report.what}")
                    elif isinstance(report, Scanned):
                        break
        except Silent as silent:
            self._log(f"scan: {silent}")
        finally:
            self._ended = self._clock()
            self._talk = self.progress = None

    def look(self) -> None:
        """Scan if it is time to; for a thread that may wait a little."""
        if self.due:
            try:
                self.begin()
            except Silent as silent:
                self._ended = self._clock()
                self._log(f"scan: {silent}")

    def stop(self) -> None:
        """Follow no scan any more; the agent ends it by itself."""
        talk = self._talk
        if talk is not None:
            talk.close()
