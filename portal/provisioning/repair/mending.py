"""When a database is looked over, and who is told when it was damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from portal.provisioning.keeping.migrations import TooNew
from portal.provisioning.life import Moment
from portal.provisioning.repair.fault import fault


class Mending:
    """Looks after the database at `path`; `names` are the settings' deliveries, to which a record
    goes whose own cannot be read.
    """

    def __init__(
        self,
        path: Path,
        names: Sequence[str],
        clock: Callable[[], Moment],
        log: Callable[[str], None],
    ) -> None:
        self._path = path
        self._names = tuple(names)
        self._clock = clock
        self._log = log

    def check(self) -> None:
        """Look the whole file over, as at a start, and put right what is damaged."""
        # A disk in trouble is met, and told, at the next use.
        with suppress(OSError, sqlite3.Error):
            # Not alone at first: others go on while a sound file is read.
            if self._path.exists() and fault(self._path) is not None:
                self.mend()

    def mend(self) -> bool:
        """Put right what is damaged; False where nothing is, or it cannot be just now."""
        # Here, because hardly any process ever needs it.
        from portal.provisioning.repair import recovery  # noqa: PLC0415 - see above

        try:
            incident = recovery.repair(self._path, self._names, self._clock())
        except (OSError, sqlite3.Error, TooNew) as error:
            self._log(f"{self._path}: damaged, and it cannot be put right now: {error}")
            return False
        if incident is not None:
            self._log(f"{self._path}: {incident}")
        return incident is not None
