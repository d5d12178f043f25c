"""Nintendo's connection tests: the Switch, and the consoles before it.

Both want a header of Nintendo's. The Switch then says "registration required" and opens its
browser; an older console shows an error and that is all.
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Exchange, Failure, Network, Outcome

SWITCH: Final = "http://ctest.cdn.nintendo.net/"
OLDER: Final = "http://conntest.nintendowifi.net/"
HEADER: Final = "X-Organization"
AGENT: Final = {"User-Agent": "NX NIFM/00"}


def check(network: Network) -> Outcome:
    """What a Switch does at its connection test."""
    answer = network.fetch(SWITCH, AGENT)
    if isinstance(answer, Failure):
        return Outcome.NOTHING
    is_online = _is_nintendo(answer) and answer.body == b"ok"
    return Outcome.ONLINE if is_online else Outcome.SHEET


def check_older(network: Network) -> Outcome:
    """What a Wii, DS, 3DS or Wii U does."""
    answer = network.fetch(OLDER)
    if isinstance(answer, Failure):
        return Outcome.NOTHING
    is_online = _is_nintendo(answer) and b"This is test.html page" in answer.body
    return Outcome.ONLINE if is_online else Outcome.NOTHING


def _is_nintendo(answer: Exchange) -> bool:
    return answer.status == 200 and answer.get(HEADER) == "Nintendo"
