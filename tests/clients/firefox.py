"""Firefox's captive portal service (toolkit/components/captivedetect).

The page must be the expected one to the byte; redirects are not followed and mean a portal.
Other statuses and errors are tried again five times, then given up.
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Failure, Network, Outcome

CANONICAL: Final = "http://detectportal.firefox.com/canonical.html"
EXPECTED: Final = (
    b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
)
# The connectivity service asks these, once per address family.
FAMILY: Final = "http://detectportal.firefox.com/success.txt?ipv4"
SUCCESS: Final = b"success\n"
AGENT: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
}
RETRIES: Final = 5


def check(network: Network, url: str = CANONICAL, expected: bytes = EXPECTED) -> Outcome:
    """What the browser does at start and whenever the network changes: a bar above the page."""
    for _ in range(1 + RETRIES):
        answer = network.fetch(url, AGENT)
        if isinstance(answer, Failure):
            continue
        if answer.status == 200:
            return Outcome.ONLINE if answer.body == expected else Outcome.SHEET
        if 300 <= answer.status <= 399:
            return Outcome.SHEET
    return Outcome.NOTHING
