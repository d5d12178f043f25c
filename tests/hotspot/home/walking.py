"""A house, and what it does about events."""

from __future__ import annotations

from typing import Final

from hotspot.home.house import House

EVENTS: Final = (
    *("kept", "forgotten", "begun", "ended", "due", "settled", "unsettled"),
    *("found", "gone", "heard", "silent", "failed"),
    *("called", "dismissed", "idle"),
)


def house(
    *,
    linger: float | None = 60,
    kept: bool = False,
    start: str = "unconfigured",
    idle_off: float | None = None,
) -> House:
    """A house with the default settings, but that nobody tires of it."""
    return House(linger=linger, return_after=300, kept=kept, start=start, idle_off=idle_off)


def walked(one: House, *events: str | int) -> list[str]:
    """What was done about events (a number: so many stations), in short."""
    done = []
    for event in events:
        acts = one.count(event) if isinstance(event, int) else one.hear(event)
        done += [f"{act} {seconds:g}" if seconds else act for act, seconds in acts]
    return done


def away() -> House:
    """A house whose home network is out of reach."""
    one = house()
    walked(one, "kept", "due", "settled", "gone", "due")
    return one
