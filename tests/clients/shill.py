"""ChromeOS's connection manager (shill/portal_detector.cc).

HTTP and HTTPS are probed at once, and both must succeed: whoever cannot show a certificate of
Google's can be a portal, but never the Internet.
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Exchange, Failure, Network, Outcome

HTTP: Final = "http://connectivitycheck.gstatic.com/generate_204"
HTTPS: Final = "https://www.google.com/generate_204"
# Asked in this order, one per later attempt.
FALLBACKS: Final = (
    "http://www.google.com/gen_204",
    "http://play.googleapis.com/generate_204",
    "http://www.gstatic.com/generate_204",
    "http://safebrowsing.google.com/generate_204",
    "http://www.googleapis.com/generate_204",
    "http://clients3.google.com/generate_204",
)
AGENT: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/89.0.4389.114 Safari/537.36"
}
_REDIRECTS: Final = frozenset({302, 307})


def check(network: Network, url: str = HTTP) -> Outcome:
    """What the Chromebook does when it joins."""
    answer = network.fetch(url, AGENT)
    if isinstance(answer, Failure):
        return Outcome.NOTHING
    if answer.status in _REDIRECTS:
        # With a Location it is a portal; without, a portal that misbehaves.
        return Outcome.SHEET
    length = _length(answer)
    if answer.status == 200 and length > 1:
        return Outcome.SHEET
    is_success = answer.status == 204 or (answer.status == 200 and length <= 1)
    if is_success and isinstance(network.fetch(HTTPS, AGENT), Exchange):
        return Outcome.ONLINE
    return Outcome.NOTHING


def _length(answer: Exchange) -> int:
    return len(answer.body) if answer.declared is None else answer.declared
