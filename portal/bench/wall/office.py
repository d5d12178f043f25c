"""What the bench's pages work with, and who is at them: a value on the app, one on the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from flask import current_app, g, redirect, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from portal.bench.desk import Desk
from portal.bench.wall.entry import Entry
from portal.bench.wall.people import People
from portal.bench.wall.printer import Printer
from portal.bench.wall.sessions import Session, Sessions
from portal.services import own_url

KEY: Final = "bench"
COOKIE: Final = "bench"
ROOT: Final = "/bench"


@dataclass(frozen=True, slots=True)
class Office:
    """What the blueprint is given; `watched` is told that somebody looks at the wall."""

    desk: Desk
    people: People
    sessions: Sessions
    entry: Entry
    monotonic: Callable[[], float]
    printer: Printer
    watched: Callable[[], None] = lambda: None


def office() -> Office:
    """The running app's."""
    return cast("Office", current_app.extensions[KEY])


def session() -> Session:
    """Who asks; the gate has let nobody else in."""
    return cast("Session", g.bench_session)


def leads() -> None:
    """Only for leads. Raises `Forbidden`."""
    if not session().leads:
        raise Forbidden


def wants_json() -> bool:
    """Whether a script asks, not a person's browser for a page."""
    return request.path.startswith(f"{ROOT}/api/") or "json" in request.headers.get("Accept", "")


def go(path: str, word: str = "", *, bad: bool = False) -> Response:
    """On to a page of ours, which says `word` first."""
    if word:
        session().word = (word, bad)
    return redirect(f"{own_url().rstrip('/')}{path}", HTTPStatus.SEE_OTHER)
