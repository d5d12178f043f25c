"""The form before anybody has entered anything, rendered once for each scan.

It is what a phone's sheet opens, and every phone at once when a crowd joins; rendering it was
half of a page's cost (0.17 of 0.34 ms). Only the nonce differs between two visits.
"""

from __future__ import annotations

from collections.abc import Callable


class BlankForm:
    """Keeps the rendered form, once for captive and once for released clients."""

    def __init__(self) -> None:
        self._kept: dict[bool, tuple[object, list[str]]] = {}

    def page(
        self, scan: object, *, released: bool, nonce: str, render: Callable[[str], str]
    ) -> str:
        """The form over `scan` with `nonce` wherever one belongs.

        `scan` is compared by identity: a new one is another object. `render(nonce)` makes the
        page; the nonce of the first visit marks the places, and cannot be guessed by whoever
        names a network.
        """
        kept = self._kept.get(released)
        if kept is None or kept[0] is not scan:
            kept = scan, render(nonce).split(nonce)
            self._kept[released] = kept
        return nonce.join(kept[1])
