"""The front door: whoever asks under a name that is not ours is shown the way to the page.

A WSGI function around the Flask app, so that a captive check costs neither Flask's dispatch
nor a template: probes are most of what a portal answers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from portal import probes

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

READING: Final = frozenset({"GET", "HEAD"})


class FrontDoor:
    """WSGI: our own Host goes in to `inner`; a foreign one gets the answer for a probe.

    GET and HEAD are redirected to `url`, or told to be online where `is_released` says so of the
    client's address; anything else is refused with 421, because a form under a foreign name was
    never ours (and a rebound DNS name must not reach our state). Under TLS our own is the name of
    `site` alone, and nothing else has any business there.
    `is_device(path, header)` says of a request under a foreign name that it is a device's on the
    bench, where there is one: it goes in too (portal.bench.protocols.routing).
    """

    def __init__(
        self,
        inner: WSGIApplication,
        url: str,
        is_released: Callable[[str], bool],
        *,
        site: str = "",
        is_device: Callable[[str, Callable[[str], str]], bool] | None = None,
    ) -> None:
        self._inner = inner
        self._is_device = is_device
        self._is_released = is_released
        self._own = probes.own_authority(url)
        self._own_secure = probes.own_authority(site or url)
        self._captive = probes.captive(url)
        self._misdirected = probes.misdirected(url)
        self.probes = 0
        self.refused = 0
        self.entered = 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Decide by Host, before anything else is looked at."""
        is_secure = environ.get("wsgi.url_scheme") == "https"
        asked = probes.authority(named(environ))
        own = self._own_secure if is_secure else self._own
        ours = (asked.removesuffix(":443") if is_secure else asked) == own
        if ours or (not is_secure and self._devices_own(environ)):
            self.entered += 1
            return self._inner(environ, start)
        if environ["REQUEST_METHOD"] in READING and not is_secure:
            self.probes += 1
            return send(self._online(environ) or self._captive, environ, start)
        self.refused += 1
        return send(self._misdirected, environ, start)

    def _devices_own(self, environ: WSGIEnvironment) -> bool:
        """Whether this is the request of a device on the bench."""
        if self._is_device is None:
            return False
        return self._is_device(path(environ), functools.partial(header, environ))

    def _online(self, environ: WSGIEnvironment) -> probes.Answer | None:
        """The vendor's own answer, for a released client and a probe we know."""
        if not self._is_released(environ.get("REMOTE_ADDR", "")):
            return None
        return probes.online(named(environ), path(environ))

    def counts(self, *, answered_before: int = 0) -> str:
        """What came to the door, for one line of log. Approximate under threads, on purpose.

        `answered_before`: probes that a server of ours has answered without asking here.
        """
        met = self.probes + answered_before
        return f"{met} probes, {self.entered} served, {self.refused} refused"


def named(environ: WSGIEnvironment) -> str:
    """The authority a request asks for; the one in an absolute request target counts first.

    RFC 9112 3.2.2: with "GET http://host/path" the Host header is to be ignored.
    """
    target: str = environ.get("RAW_URI", "")
    if target[:7].lower() == "http://":
        return target[7:].partition("/")[0]
    host: str = environ.get("HTTP_HOST", "")
    return host


def header(environ: WSGIEnvironment, name: str) -> str:
    """A request's header by its name, "" where there is none."""
    value: str = environ.get("HTTP_" + name.upper().replace("-", "_"), "")
    return value.strip("\t ")


def path(environ: WSGIEnvironment) -> str:
    """The path a request asks for, as it was sent where the server tells, without a query."""
    target: str = environ.get("RAW_URI", "") or environ.get("PATH_INFO", "")
    if target[:7].lower() == "http://":
        target = "/" + target[7:].partition("/")[2]
    return target.partition("?")[0]


def send(answer: probes.Answer, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """A ready answer through WSGI; a HEAD has the same headers and no body."""
    start(answer.status_line, list(answer.fields))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
