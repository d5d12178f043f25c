"""Kindle readers and older Fire tablets: a stub page with a mark in it.

Newer Fire OS is Android with hosts of its own (tests/clients/android.py).
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Exchange, Failure, Network, Outcome, follow

STUB: Final = "http://spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html"
EINK: Final = "http://spectrum.s3.amazonaws.com/kindle-wifi/wifistub-eink.html"
MARK: Final = b"81ce4465-7167-4dcb-835b-dcc9e44c112a"
# What the sign-in notification opens.
LANDING: Final = "http://spectrum.s3.amazonaws.com/kindle-wifi/wifiredirect.html"
AGENT: Final = {"User-Agent": "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us)"}


def check(network: Network, url: str = STUB) -> Outcome:
    """What the reader does when it joins."""
    answer = follow(network, url, AGENT)
    if isinstance(answer, Failure):
        return Outcome.NOTHING
    if MARK in answer.body:
        return Outcome.ONLINE
    page = land(network)
    arrived = isinstance(page, Exchange) and page.status == 200
    return Outcome.SHEET if arrived else Outcome.NOTHING


def land(network: Network) -> Exchange | Failure:
    """What its browser shows."""
    return follow(network, LANDING, AGENT)
