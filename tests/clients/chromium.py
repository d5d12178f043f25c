"""Chromium's captive portal detector (components/captive_portal/core), and Edge's host for it.

Redirects are followed, and the last answer decides, so the portal's own page is part of it.
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Failure, Network, Outcome, follow

PROBE: Final = "http://connectivitycheck.gstatic.com/generate_204"
LEGACY: Final = "http://www.gstatic.com/generate_204"
EDGE: Final = "http://edge-http.microsoft.com/captiveportal/generate_204"
AGENT: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
}
_AUTHENTICATION_REQUIRED: Final = 511
# "Treated the same as a 204 if there is no content", and one byte is none.
_LONGEST_EMPTY: Final = 1


def check(network: Network, url: str = PROBE) -> Outcome:
    """What the browser does once a page fails to load for reasons that a portal could explain."""
    answer = follow(network, url, AGENT)
    if isinstance(answer, Failure):
        return Outcome.NOTHING
    if answer.status == _AUTHENTICATION_REQUIRED:
        return Outcome.SHEET
    if not 200 <= answer.status <= 399:
        return Outcome.NOTHING
    if answer.status == 204:
        return Outcome.ONLINE
    if answer.status == 200 and len(answer.body) <= _LONGEST_EMPTY:
        return Outcome.ONLINE
    return Outcome.SHEET
