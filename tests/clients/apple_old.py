"""Apple's earlier prober (captiveagent up to 480.60.4: iOS 18.3, macOS 15.3 and before).

It forgives what the current one does not: network errors are tried again about ten times. How
it reads the page has not been published; the model wants the TITLE as Apple itself writes it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

from tests.clients.asking import Exchange, Failure, Network, Outcome

PROBE: Final = "http://captive.apple.com/hotspot-detect.html"
# Since iOS 7 also with paths at random, so that only the host can be known.
POOL: Final = (
    "http://www.apple.com/library/test/success.html",
    "http://www.appleiphonecell.com/8Cq/mPz/v2k.html",
    "http://www.airport.us/Xa1/q.html",
    "http://www.ibook.info/a/b/c.html",
    "http://www.itools.info/3kf.html",
    "http://www.thinkdifferent.us/zz/9/1.html",
)
WISPR: Final = {"User-Agent": "CaptiveNetworkSupport-443.120.3 wispr"}
ATTEMPTS: Final = 10
_FOLLOWED: Final = frozenset({300, 301, 302, 303, 307})
_READ: Final = frozenset({200, 511})
_HOPS: Final = 16
_SUCCESS: Final = b"<TITLE>Success</TITLE>"


def check(network: Network, url: str = PROBE) -> Outcome:
    """What the device does when it joins."""
    for hop in range(_HOPS):
        answer = _insist(network, url)
        if isinstance(answer, Failure):
            return Outcome.NOTHING
        target = answer.get("Location")
        if answer.status in _FOLLOWED and target is not None:
            url = urljoin(url, target)
        elif answer.status in _READ:
            # Success behind a redirect means that the network lets Apple's hosts through: it
            # is not captive either.
            return Outcome.ONLINE if _SUCCESS in answer.body else Outcome.SHEET
        else:
            # Odd on the first hop: assumed not captive. Odd behind a redirect: captive.
            return Outcome.SHEET if hop else Outcome.NOTHING
    return Outcome.NOTHING


def _insist(network: Network, url: str) -> Exchange | Failure:
    """Ask until there is an answer. The real one waits 0.1 to 0.9 s in between."""
    answer: Exchange | Failure = Failure.LOST
    for _ in range(ATTEMPTS):
        answer = network.fetch(url, WISPR)
        if isinstance(answer, Exchange):
            break
    return answer
