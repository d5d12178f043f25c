"""Attempts that failed: an hour later their passwords are erased, also where nobody comes by.

Law: it only says when it is due, and looks when it is told to; a disk in trouble is asked again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from portal.provisioning.keeping import erasing
from portal.provisioning.keeping.store import Store, Unwritable

# Seconds until a disk in trouble is asked again.
_PAUSE: Final = 60.0


class Lapse:
    """Looks after the attempts in `store`; `clock` is monotonic, in seconds.

    With `begun` there may be some of before: they are looked at first.
    """

    def __init__(self, store: Store, clock: Callable[[], float], *, begun: bool) -> None:
        self._store = store
        self._clock = clock
        self._at = clock() if begun else math.inf

    @property
    def due(self) -> bool:
        """Whether some have lapsed."""
        return self._clock() >= self._at

    def ended(self) -> None:
        """An attempt has ended; if it failed, it keeps its password for so long."""
        self._at = min(self._at, self._clock() + erasing.KEPT)

    def look(self) -> None:
        """Erase what has lapsed."""
        if self.due:
            try:
                left = self._store.amend(erasing.lapse)
            except Unwritable:
                left = _PAUSE
            self._at = self._clock() + (math.inf if left is None else left)
