"""When something really happened whose moment was kept by a clock that had not been set.

Law: values only. Within one boot the monotonic clock never jumps: one moment of it by a clock
that was set dates all the others, earlier ones too. What is worked out is told as worked out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.provisioning.life import Moment


class Dating:
    """Dates by the moments `known`, of any boots; those by a clock that was not set are skipped."""

    def __init__(self, known: Iterable[Moment] = ()) -> None:
        self._known: dict[str, Moment] = {}
        for each in known:
            if each.is_set:
                self._known[each.boot] = each

    def derived(self, moment: Moment) -> datetime | None:
        """The date of a moment whose clock had not been set; None where it had, or nobody knows.

        Right to what the monotonic clock drifts, and it stands still in a suspended machine.
        """
        known = self._known.get(moment.boot)
        if moment.is_set is not False or known is None:
            return None
        return known.wall + timedelta(seconds=moment.monotonic - known.monotonic)
