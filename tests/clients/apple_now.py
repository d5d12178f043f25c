"""Apple's current prober (CNCaptiveProber; iOS and iPadOS 26, macOS 26), and its sheet.

After the decompiled class, as others have published it: not Apple's documentation. One attempt
per join, no retry, and every doubt ends in "assume online", which means no sheet.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin
from xml.parsers import expat

from tests.clients.asking import REDIRECTS, Exchange, Failure, Network, Outcome, follow

PROBE: Final = "http://captive.apple.com/hotspot-detect.html"
WISPR: Final = {"User-Agent": "CaptiveNetworkSupport-514.120.2 wispr"}
# The sheet's web view says neither "Version/" nor "Safari/".
SHEET: Final = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148"
}
LARGEST: Final = 131_072
# What the final status has to be for the body to be looked at.
_READ: Final = frozenset({200, 300, 301, 302, 303, 307, 511})
_HOPS: Final = 16
# TLS trouble counts as captive (codes 14 and 15). All else is inconclusive: NSURL errors -1005
# and -1009 (code 8), -1003 and -1006 (7), -1001 (6), and the rest (13).
_CAPTIVE_FAILURES: Final = frozenset({Failure.TLS_ABORTED, Failure.UNTRUSTED})


def check(network: Network, url: str = PROBE) -> Outcome:
    """What the device does when it joins."""
    redirected = False
    for _ in range(_HOPS):
        answer = network.fetch(url, WISPR)
        if isinstance(answer, Failure):
            return Outcome.SHEET if answer in _CAPTIVE_FAILURES else Outcome.NOTHING
        target = answer.get("Location") if answer.status in REDIRECTS else None
        redirected = redirected or target is not None
        if target is None or answer.body:
            return _evaluate(answer, redirected=redirected)
        # A redirect without a body is followed; one with a body is judged by that body.
        url = urljoin(url, target)
    return Outcome.NOTHING


def sheet(network: Network, url: str = PROBE) -> Exchange | Failure:
    """What the sheet shows: it loads the original URL, not what the probe was redirected to."""
    return follow(network, url, SHEET)


def _evaluate(answer: Exchange, *, redirected: bool) -> Outcome:
    if len(answer.body) > LARGEST:
        return Outcome.SHEET
    if answer.body and answer.status in _READ:
        return Outcome.ONLINE if _is_success(answer.body) else Outcome.SHEET
    # "Unknown state, assumed not captive", unless a Location was seen on the way.
    return Outcome.SHEET if redirected else Outcome.NOTHING


def _is_success(body: bytes) -> bool:
    """Whether the page's TITLE, in upper case, is Success, in any case."""
    if b"<WISPAccessGatewayParam" in body:
        # Parsed in the page's place, and there is no TITLE in it.
        return False
    start, end = body.find(b"<html"), body.find(b"</html>")
    if 0 <= start < end:
        body = body[start : end + len(b"</html>")]
    titles = _titles(body)
    return bool(titles) and titles[0].lower() == "success"


def _titles(document: bytes) -> list[str]:
    """The texts of all TITLE elements; none where the document is not well-formed XML."""
    open_elements: list[str] = []
    titles: list[str] = []

    def opened(name: str, _attributes: object) -> None:
        open_elements.append(name)
        if name == "TITLE":
            titles.append("")

    def said(text: str) -> None:
        if open_elements and open_elements[-1] == "TITLE":
            titles[-1] += text

    parser = expat.ParserCreate()
    parser.StartElementHandler = opened
    parser.EndElementHandler = lambda _name: open_elements.pop()
    parser.CharacterDataHandler = said
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        return []
    return titles
