"""Ready answers: the bytes a probe gets from the event loop, made once, at start.

The same table as the WSGI app reads (portal.probes), read here as whole answers on the wire;
tests/portal/door/test_ready.py holds the two against each other. What is not plainly a probe gets
None and goes on to the app.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container
from typing import Final

from portal import probes
from portal.door import heads

# Phones of one make send the same head byte for byte, so nearly every head has been read before
# (0.2 us instead of 2.5). The table is emptied when full: 512 heads of at most 2 KiB.
_KNOWN_MOST: Final = 512
# Where the address stands in a struct sockaddr_in (netinet/in.h).
_HOST: Final = slice(4, 8)


class Ready:
    """A probe's head to its answer's bytes; None for our own host and for all that is no probe.

    `url` is the portal's own. `released` holds the packed addresses of clients that are to be
    told they are online. `is_device(path, header)` says of a request under a foreign name that it
    is not a probe but a device's on the bench (portal.bench.protocols.routing), where there is one.
    """

    def __init__(
        self,
        url: str,
        released: Container[bytes] = frozenset(),
        is_device: Callable[[str, Callable[[str], str]], bool] | None = None,
    ) -> None:
        self._own = probes.own_authority(url)
        self._released = released
        self._is_device = is_device
        captive = probes.captive(url)
        self._captive = {b"GET": captive.wire(), b"HEAD": captive.wire(head=True)}
        self._known: dict[bytes, heads.Plain | None] = {}
        self.given = 0

    def __call__(self, head: bytes, peer: bytes) -> bytes | None:
        """The answer to `head` from the client at `peer`, a struct sockaddr_in."""
        try:
            request = self._known[head]
        except KeyError:
            request = self._read(head)
        if request is None:
            return None
        self.given += 1
        if peer[_HOST] in self._released:
            online = probes.online(request.host.decode("latin-1"), request.path.decode("latin-1"))
            if online is not None:
                return online.wire(head=request.method == b"HEAD")
        return self._captive[request.method]

    def _read(self, head: bytes) -> heads.Plain | None:
        request = heads.plain(head)
        if request and self._enters(request, head):
            request = None
        if len(self._known) >= _KNOWN_MOST:
            self._known.clear()
        self._known[head] = request
        return request

    def _enters(self, request: heads.Plain, head: bytes) -> bool:
        """Whether a plain request is for the app."""
        if probes.authority(request.host.decode("latin-1")) == self._own:
            return True
        if self._is_device is None:
            return False
        return self._is_device(
            request.path.decode("latin-1"), functools.partial(heads.header, head)
        )
