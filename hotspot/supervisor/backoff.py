"""When a child that died may start again: soon, then ever later, soon again once it has lived.

Pure: the caller keeps the last delay and brings its own clock. Quick at first, because a
phone asks again after a second; slow in the end, because a program that cannot start
must not heat a small board.
"""

from __future__ import annotations

# Seconds. Nine doublings lie between the first and the longest.
FIRST = 0.1
LONGEST = 30.0
# A child that lived this long had started well: its death is a new story.
PROVEN = 60.0


def delay(last: float, lived: float) -> float:
    """Seconds until the next start, from the delay before the last one (0.0: none yet).

    `lived` is how many seconds the child ran.
    """
    return FIRST if lived >= PROVEN else min(max(FIRST, 2 * last), LONGEST)
