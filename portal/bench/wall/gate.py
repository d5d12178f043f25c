"""Nobody comes to the bench without a session, and nothing changes without a form of ours.

Law: closed unless named here. A page leads to the sign-in and back; a script gets 401.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, g, request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from portal.bench.wall.office import COOKIE, ROOT, go, office, session, wants_json
from portal.bench.wall.people import Unfit
from portal.bench.wall.sessions import Session
from portal.form.tokens import FIELD

# Without a session: to get one, and where a label's code leads, which tells nothing by itself.
OPEN: Final = frozenset({"bench.sign_in", "bench.signed_in", "bench.from_label"})
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Asked by the page, not by the person: no act, so that an unattended bench locks itself.
BY_ITSELF: Final = "auto"

_BACK: Final = re.compile(r"/bench(?:[/?][!-\[\]-~]{0,300})?")


def install(blueprint: Blueprint) -> None:
    """Put the gate in front of every route of `blueprint`."""
    blueprint.before_request(_gate)
    blueprint.app_context_processor(_context)


def _gate() -> Response | None:
    is_act = not request.path.startswith(f"{ROOT}/api/") and BY_ITSELF not in request.args
    ours = office()
    cookie = request.cookies.get(COOKIE, "")
    found = ours.sessions.find(cookie, ours.monotonic(), act=is_act) if cookie else None
    if found is not None and not _is_there(found):
        ours.sessions.close(cookie)
        found = None
    g.bench_session = found
    if request.endpoint in OPEN:
        return None
    if found is None:
        return _turned_away()
    if request.method not in READING and not found.is_ours(_token()):
        raise Forbidden
    return None


def _is_there(session: Session) -> bool:
    """Whether its person is on file as at the sign-in: nobody has removed them, by command say,
    and nobody has changed the PIN. A disk in trouble sends nobody away.
    """
    try:
        return office().people.find(session.name) == session.person
    except (Unfit, OSError):
        return True


def _token() -> str:
    """The form's, or what a script sends beside a body that is no form."""
    return request.headers.get("X-Token", "") or request.form.get(FIELD, "")


def _turned_away() -> Response:
    if wants_json():
        return Response(
            '{"detail":"Please sign in."}\n',
            HTTPStatus.UNAUTHORIZED.value,
            content_type="application/json",
        )
    if request.method not in READING:
        return go(f"{ROOT}/sign-in")
    path = request.full_path.rstrip("?")
    return go(f"{ROOT}/sign-in?{urlencode({'next': back(path)})}")


def back(path: str) -> str:
    """A path of the bench to go on to, or the wall where it is none."""
    return path if _BACK.fullmatch(path) else ROOT


def _context() -> dict[str, object]:
    here = g.get("bench_session")
    return {"here": here, "marked": _marked, "said": here.said if here else lambda: None}


def _marked() -> Markup:
    """The hidden box of every form of the bench."""
    return Markup("<input type=hidden name={} value={}>").format(FIELD, session().token)
