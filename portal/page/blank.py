"""The form before anybody has entered anything, rendered once for each scan.

It is what a phone's sheet opens, and every phone at once when a crowd joins; rendering it was
half of a page's cost (0.17 of 0.34 ms). Only the nonce differs between two visits of one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable


class BlankForm:
    """Keeps the rendered form once for each kind of reader there is."""

    def __init__(self) -> None:
        self._kept: tuple[object, dict[Hashable, tuple[list[str], str]]] = (None, {})

    def page(
        self,
        scan: object,
        reader: Hashable,
        *,
        nonce: str,
        render: Callable[[str], str],
        token: str = "",
    ) -> str:
        """The form over `scan` for a kind of `reader`, with `nonce` and `token` in their places.

        Readers are as many as there are languages, chosen or not, times captive or released.
        `scan` is compared by identity: a new one is another object, and lets all pages over the
        old one go. `render(nonce)` makes the page, with the token in it; nonce and token of the
        first visit mark the places, and cannot be guessed by whoever names a network.
        """
        # One assignment: other threads see the old scan with its pages or the new one with its.
        known, pages = self._kept
        if known is not scan:
            pages = {}
            self._kept = (scan, pages)
        kept = pages.get(reader)
        if kept is None:
            kept = pages[reader] = (render(nonce).split(nonce), token)
        parts, first = kept
        page = nonce.join(parts)
        # One pass over 10 KB takes 2 µs.
        return page.replace(first, token) if first != token else page
