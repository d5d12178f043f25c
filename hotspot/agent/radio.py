"""The real radio: the access point's own interface, through nl80211 and the parts of joining."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hotspot import journal, scan
from hotspot.agent import scanning
from hotspot.agent.port import Cancelled, CannotNow, Kept
from hotspot.channel import Heard
from hotspot.errors import Refused
from hotspot.nl80211 import Station
from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, Outcome, Step
from hotspot.uplink.wanted import Wanted
from hotspot.wireless import Wireless, index_of


class RealRadio:
    """The radio of the run in `runtime`."""

    def __init__(self, runtime: Path) -> None:
        self._runtime = runtime

    def scan(self, tell: Callable[[int, int], None], cancelled: Cancelled) -> Sequence[Heard]:
        """Listen on each channel in turn; the list of before stays if that is not possible."""
        with self._open() as (wireless, index):
            heard = scanning.listen(wireless, index, tell, cancelled)
        if not cancelled.is_set():
            scan.write(self._runtime, heard)
        return heard

    def stations(self) -> Sequence[Station]:
        """As the kernel counts them."""
        with self._open() as (wireless, index):
            try:
                return wireless.stations(index)
            except OSError as error:
                raise CannotNow(f"the stations cannot be read ({error.strerror})") from error

    def join(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: Cancelled,
    ) -> Ended:
        """Not yet."""
        del wanted, tell, cancelled
        return Ended(outcome=Outcome.NOT_SUPPORTED, step=Step.FOUND, key=key)

    def state(self) -> str:
        """What the run is at."""
        return "serving"

    def kept(self) -> Kept | None:
        """The home network of ours."""
        return None

    def forget(self) -> bytes | None:
        """Let go of it."""
        return None

    @contextlib.contextmanager
    def _open(self) -> Iterator[tuple[Wireless, int]]:
        """nl80211, and the index of the access point's interface. Raises `CannotNow`."""
        try:
            found = journal.read(self._runtime)
            if found is None:
                raise CannotNow("there is no access point now")
            index = index_of(found.before.interface)
        except OSError as error:
            raise CannotNow(f"the radio is gone ({error.strerror})") from error
        except Refused as refusal:
            raise CannotNow(str(refusal)) from refusal
        with Wireless() as wireless:
            yield wireless, index
