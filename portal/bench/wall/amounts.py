"""Bytes, seconds and moments as people read them."""

from __future__ import annotations

from typing import Final

_KILO: Final = 1000
_MEGA: Final = 1_000_000
_MINUTE: Final = 60
_HOUR: Final = 3600
# Up to here the smaller unit says more.
_SECONDS: Final = 100
_MINUTES: Final = 6000
_TO_SECONDS: Final = len("2026-03-01T08:00:13")


def amount(number: float) -> str:
    """Bytes: 512 B, 98 kB, 1.5 MB."""
    if number < _KILO:
        return f"{number:.0f} B"
    if number < _MEGA:
        return f"{number / _KILO:.0f} kB"
    return f"{number / _MEGA:.1f} MB"


def moment(text: str) -> str:
    """A moment in ISO 8601 to the second: 2026-03-01 08:00:13."""
    return text[:_TO_SECONDS].replace("T", " ")


def span(seconds: float) -> str:
    """A length of time: 12 s, 4 min, 2 h 5 min."""
    whole = max(0, round(seconds))
    if whole < _SECONDS:
        return f"{whole} s"
    if whole < _MINUTES:
        return f"{round(whole / _MINUTE)} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
