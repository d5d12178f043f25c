"""Whether the home network leads to the Internet: whom we ask, and what the answers mean; pure.

Two vendors' own checks, on names and over paths that need no login and are there for this. The
exact answer is the Internet; any other answer came from somebody in between, who wants a person
in front of a browser.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hotspot.uplink.wire import Answer

_LONGEST_URL: Final = 500
# No user's name before the host: "http://your-bank.example@192.0.2.1/" leads elsewhere.
_URL: Final = re.compile(
    r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?([/?#]((?![\\<>\"'`{}|^])[!-~])*)?",
    re.IGNORECASE | re.ASCII,
)
_NETWORK_AUTHENTICATION_REQUIRED: Final = 511  # RFC 6585 6
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class Check:
    """One question over HTTP, and the answer that only the Internet gives."""

    host: str
    path: str
    status: int
    body: bytes

    @property
    def url(self) -> str:
        """What is asked for."""
        return f"http://{self.host}{self.path}"


# Those of Android and of Firefox: operators of networks let them through, or answer themselves.
CHECKS: Final = (
    Check("connectivitycheck.gstatic.com", "/generate_204", 204, b""),
    Check("detectportal.firefox.com", "/success.txt?ipv4", 200, b"success\n"),
)


class Reach(enum.StrEnum):
    """How far it goes."""

    INTERNET = "internet"
    PORTAL = "portal"
    NOWHERE = "nowhere"


def reach(check: Check, answer: Answer | None) -> tuple[Reach, str]:
    """What one answer means; with a portal also where it sends people, "" if it does not say."""
    if answer is None:
        return Reach.NOWHERE, ""
    if (answer.status, answer.body) == (check.status, check.body):
        return Reach.INTERNET, ""
    if answer.status in _REDIRECTS:
        return Reach.PORTAL, clean(answer.location)
    if answer.status in {_OK, _NETWORK_AUTHENTICATION_REQUIRED}:
        # A portal's page in place of the answer: asking for the same again leads to it.
        return Reach.PORTAL, check.url
    # A proxy's or a server's own trouble: 404, 502 and their like.
    return Reach.NOWHERE, ""


def together(found: Iterable[tuple[Reach, str]]) -> tuple[Reach, str]:
    """What several answers mean: one right one is enough, for vendors have bad days too."""
    rank = (Reach.INTERNET, Reach.PORTAL, Reach.NOWHERE)
    return min(found, key=lambda one: rank.index(one[0]), default=(Reach.NOWHERE, ""))


def clean(url: str) -> str:
    """A URL as a stranger gave it, fit to be shown and followed; "" if it is not.

    Only http and https, a plain host name or address, printable ASCII without what has a meaning
    in a page, 500 characters at most.
    """
    return url if len(url) <= _LONGEST_URL and _URL.fullmatch(url) else ""
