"""When to try again: from 1 second to 1 hour, doubling, spread by chance.

Law: a number of attempts and a random number in, seconds out. Nothing is ever given up for
its age: after the twelfth attempt the wait stays between half an hour and an hour, for days.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 3_600.0
# What a backend may ask for, for instance by an HTTP Retry-After of a maintenance window.
LONGEST_ASKED: Final = 86_400.0
_DOUBLINGS: Final = 12


def seconds(attempt: int, random: float) -> float:
    """How long to wait after failed attempt `attempt` (from 1); `random` is in [0, 1).

    Between half the step and the whole: appliances that failed together at a backend's
    outage do not come back together.
    """
    step: float = min(LONGEST, 2.0 ** min(attempt, _DOUBLINGS))
    return step / 2 * (1 + random)


def after_refusal(attempt: int, random: float, asked: float | None) -> float:
    """The wait where a backend asked for `asked` seconds: never shorter than our own."""
    own = seconds(attempt, random)
    if asked is None or not asked > own:  # "not >" also for NaN
        return own
    return min(asked, LONGEST_ASKED)


def after_interruption(attempt: int, random: float) -> float:
    """The wait after an attempt that never ended, because the process or the power did.

    The first is tried again at once: power cuts are no one's fault. A record that keeps
    taking the process down waits like a failing one, so that the others get their turn.
    """
    return 0.0 if attempt <= 1 else seconds(attempt - 1, random)
