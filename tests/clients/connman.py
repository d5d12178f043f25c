"""ConnMan's online check (src/wispr.c): embedded Linux, and Tesla with a host of its own.

Only a header says "online". Its name is looked up as it was sent, letter case and all. Where it
finds none, the agent is asked to open a browser.
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Exchange, Failure, Network, Outcome

STATUS: Final = "http://ipv4.connman.net/online/status.html"
TESLA: Final = "http://connman.vn.tesla.services/online/status.html"
HEADER: Final = "X-ConnMan-Status"
AGENT: Final = {"User-Agent": "ConnMan/1.42 wispr", "Connection": "close"}
_FAILED: Final = frozenset({400, 404})
# Without a name there is no request. Any other failure has status 0, and the browser is asked for.
_NO_REQUEST: Final = frozenset({Failure.NO_NAME, Failure.BAD_DNS})
_HOPS: Final = 16


def check(network: Network, url: str = STATUS) -> Outcome:
    """What the device does when it joins."""
    for _ in range(_HOPS):
        answer = network.fetch(url, AGENT)
        if isinstance(answer, Failure):
            return Outcome.NOTHING if answer in _NO_REQUEST else Outcome.SHEET
        target = answer.get("Location") if answer.status == 302 else None
        if target is None:
            return _evaluate(answer)
        url = target
    return Outcome.NOTHING


def _evaluate(answer: Exchange) -> Outcome:
    if answer.status == 200:
        has_header = any(name == HEADER for name, _ in answer.headers)
        return Outcome.ONLINE if has_header else Outcome.SHEET
    if answer.status in _FAILED:
        return Outcome.NOTHING
    # A redirect to nowhere is a browser's business; other statuses are nobody's.
    return Outcome.SHEET if answer.status == 302 else Outcome.NOTHING
