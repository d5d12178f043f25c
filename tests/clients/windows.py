"""Windows' Network Connectivity Status Indicator, and the browser it opens (Windows 8 to 11, Xbox).

The HTTP probe decides; the DNS probe tells it whether names are tampered with. When it finds a
portal, the default browser opens a page of Microsoft's own that has to redirect. That a redirect
by HTML would not do is a claim nobody has confirmed; the model believes it, being the stricter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.clients.asking import Exchange, Failure, Network, Outcome, follow

NCSI: Final = {"User-Agent": "Microsoft NCSI", "Cache-Control": "no-cache"}
DNS_NAME: Final = "dns.msftncsi.com"
DNS_ADDRESS: Final = "131.107.255.255"
LANDING: Final = "http://www.msftconnecttest.com/redirect"
BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A page, and the bytes it must have."""

    url: str
    content: bytes


NOW: Final = Probe("http://www.msftconnecttest.com/connecttest.txt", b"Microsoft Connect Test")
VISTA: Final = Probe("http://www.msftncsi.com/ncsi.txt", b"Microsoft NCSI")


def check(network: Network, probe: Probe = NOW) -> Outcome:
    """What the PC does when it joins."""
    answer = network.fetch(probe.url, NCSI)
    if isinstance(answer, Failure):
        # "No Internet access", and no browser.
        return Outcome.NOTHING
    if answer.status == 200 and answer.body == probe.content:
        honest = network.resolve(DNS_NAME, "A") == (DNS_ADDRESS,)
        return Outcome.ONLINE if honest else Outcome.PARTIAL
    page = land(network)
    arrived = isinstance(page, Exchange) and page.status == 200
    return Outcome.SHEET if arrived else Outcome.NOTHING


def land(network: Network) -> Exchange | Failure:
    """What the browser shows."""
    first = network.fetch(LANDING, BROWSER)
    if isinstance(first, Failure):
        return first
    target = first.get("Location") if first.status == 302 else None
    return Failure.GARBLED if target is None else follow(network, target, BROWSER)
