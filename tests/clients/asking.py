"""What a device may ask of a network, and what it makes of it: the words all models share.

A model is a function from a `Network` to an `Outcome` that reads as the platform's own decision.
It does no I/O: tests hand it canned bytes (tests/clients/canned.py) or a phone with real sockets
(tests/clients/phone.py).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urljoin

NO_HEADERS: Final[Mapping[str, str]] = {}
# Statuses whose Location an HTTP library goes to (RFC 9110 15.4; 300 leaves the choice open).
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Chromium's limit, and about everybody's.
_HOPS: Final = 20


class Outcome(enum.Enum):
    """What the device does: shows the portal by itself, or believes it is online, or neither."""

    SHEET = "sheet"
    ONLINE = "online"
    NOTHING = "nothing"
    PARTIAL = "partial"


class Failure(enum.Enum):
    """Why there was no answer."""

    NO_NAME = "the name does not exist, or has no address"
    BAD_DNS = "the resolver refused, failed or kept silent"
    REFUSED = "no connection"
    LOST = "the connection ended in the middle of the answer, or was reset"
    GARBLED = "not HTTP"
    TIMED_OUT = "no answer in time"
    TLS_ABORTED = "the TLS handshake was broken off"
    UNTRUSTED = "the certificate is not trusted"
    TOO_MANY_REDIRECTS = "redirected in circles"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One complete answer. Header names are as they came: there are clients that mind."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def declared(self) -> int | None:
        """The declared length of the body in bytes; None where none is declared."""
        length = self.get("Content-Length")
        return None if length is None else int(length)


class Network(Protocol):
    """The network a device has joined."""

    def fetch(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Exchange | Failure:
        """GET `url`, once; redirects are not followed."""

    def resolve(self, name: str, kind: str) -> tuple[str, ...] | Failure:
        """The records of type `kind` ("A", "AAAA", "HTTPS") as text; () where there is none."""


def follow(
    network: Network, url: str, headers: Mapping[str, str] = NO_HEADERS
) -> Exchange | Failure:
    """GET `url` as a browser does, through its redirects."""
    for _ in range(_HOPS):
        answer = network.fetch(url, headers)
        target = answer.get("Location") if isinstance(answer, Exchange) else None
        if isinstance(answer, Failure) or target is None or answer.status not in REDIRECTS:
            return answer
        url = urljoin(url, target)
    return Failure.TOO_MANY_REDIRECTS
