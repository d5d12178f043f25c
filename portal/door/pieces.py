"""Pieces of a file, each from its begin up to its end."""

from __future__ import annotations

from collections.abc import Iterable


def together(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same bytes in as few pieces as can be, in order."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(pieces):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
