"""How often one client may ask for something dear: some at once, then one every so often.

Law: values in, seconds out; the clock is an argument. A bucket for each client, refilled with
time. The table is bounded: whoever is pushed out of it starts afresh.
"""

from __future__ import annotations

from typing import Final

# More than the radio takes, and more than the leases of a small network.
MOST_CLIENTS: Final = 1_024


class TooSoon(Exception):  # noqa: N818 - named for when it was asked
    """Asked too often; `seconds` until it may be asked again, rounded up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = int(seconds) + 1
        super().__init__(f"again in {self.seconds} s")


class Limit:
    """`burst` at once, then one every `seconds`, for each client.

    For any number of threads: two at the same instant may both pass, which does no harm.
    """

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst = burst
        self._seconds = seconds
        # When each client's bucket will be full again.
        self._full: dict[str, float] = {}

    def take(self, client: str, now: float) -> None:
        """Let `client` ask at `now` (monotonic seconds). Raises `TooSoon`, which costs nothing."""
        full = max(self._full.pop(client, now), now)
        wait = full - now - (self._burst - 1) * self._seconds
        if wait > 0:
            self._full[client] = full
            raise TooSoon(wait)
        if len(self._full) >= MOST_CLIENTS:
            self._full.pop(next(iter(self._full)), None)
        self._full[client] = full + self._seconds
