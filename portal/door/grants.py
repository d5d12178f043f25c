"""What the loop may answer by itself because a view has decided it: this file, to this client.

A device that fetches 64 KiB at a time comes 25 times for one image. The first time a thread and
Flask look at its ticket; for the next seconds the loop gives it what it asks for, from the same
open file. Whoever asks in an unusual way, or later, is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.door.paper import Grant, Source, Watch

# Each holds a descriptor, and some 2 KiB.
MOST: Final = 128
# The client's address in a struct sockaddr_in (netinet/in.h).
_HOST: Final = slice(4, 8)
_GET: Final = b"GET "


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant and what it is about; `until` is by the loop's clock."""

    grant: Grant
    source: Source
    watch: Watch
    until: float


class Grants:
    """The grants in force. For the loop's thread."""

    def __init__(self) -> None:
        self._all: dict[tuple[bytes, bytes], Granted] = {}

    def __len__(self) -> int:
        return len(self._all)

    def give(self, grant: Grant, source: Source, watch: Watch, peer: bytes, now: float) -> None:
        """Let the client at `peer`, a struct sockaddr_in, have this; an older one is replaced."""
        self._take((peer[_HOST], grant.target))
        if len(self._all) >= MOST:
            self._take(next(iter(self._all)))
        granted = Granted(grant, source.hold(), watch, now + grant.seconds)
        self._all[peer[_HOST], grant.target] = granted

    def find(self, inbox: bytes, peer: bytes, now: float) -> Granted | None:
        """The grant that a request beginning with these bytes may be answered by."""
        if not inbox.startswith(_GET):
            return None
        found = self._all.get((peer[_HOST], inbox[4 : inbox.find(b" ", 4)]))
        return found if found and found.until > now and found.watch.allowed else None

    def sweep(self, now: float) -> None:
        """Let go of what holds no longer."""
        ended = [
            key
            for key, granted in self._all.items()
            if granted.until <= now or not granted.watch.allowed
        ]
        for key in ended:
            self._take(key)

    def clear(self) -> None:
        """Let go of all."""
        for key in [*self._all]:
            self._take(key)

    def _take(self, key: tuple[bytes, bytes]) -> None:
        granted = self._all.pop(key, None)
        if granted:
            granted.source.release()
