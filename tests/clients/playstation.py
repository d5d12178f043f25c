"""PlayStation 4 and 5: a page that is only asked for to see whether anybody answers.

The real service answers the PlayStation 4 with 403, so the content can hardly matter. That any
answer will do is what the one report there is suggests; nobody has confirmed it. A console has
no sheet: whoever sets one up opens the page by its address.
"""

from __future__ import annotations

from typing import Final

from tests.clients.asking import Failure, Network, Outcome

PS4: Final = "http://ena.net.playstation.net/netstart/ps4"
PS5: Final = "http://ena.net.playstation.net/netstart/icst"
AGENT: Final = {"User-Agent": "SceIcst/1.0 libhttp/10.01 (PlayStation 5)"}


def check(network: Network, url: str = PS5) -> Outcome:
    """What the console does at its connection test."""
    answer = network.fetch(url, AGENT)
    return Outcome.NOTHING if isinstance(answer, Failure) else Outcome.ONLINE
