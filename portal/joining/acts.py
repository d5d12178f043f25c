"""What a page asks of the radio besides a set-up: the same answers once more, and a look around.

Both change something, so they are posted, and lead back to a page that tells how it goes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.form.limits import TooSoon
from portal.joining.radio import Silent
from portal.language.speech import at
from portal.provisioning.keeping.store import Unwritable
from portal.services import (
    NOT_HEARD,
    NOT_NOW,
    NOT_SAVED,
    STALE,
    client,
    is_ours,
    own_url,
    services,
    too_soon,
)

blueprint: Final = Blueprint("acts", __name__)


@blueprint.post("/setup/<uuid:identity>/again")
def again(identity: object) -> Response:
    """Try the same answers once more, and go to the page that tells how it goes."""
    ours, name = services(), str(identity)
    if ours.outbox.state(name) is None:
        abort(HTTPStatus.NOT_FOUND)
    if not is_ours(request.form):
        return refusal(HTTPStatus.FORBIDDEN, STALE)
    try:
        # Where it is under way already, or has connected, that page says so.
        ours.again(name, client())
    except TooSoon as error:
        return too_often(error)
    except Unwritable:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, NOT_SAVED)
    return redirect(at(f"{own_url()}setup/{name}"), HTTPStatus.SEE_OTHER)


@blueprint.post("/scan")
def scan() -> Response:
    """Look around again, and go to the form, whose list grows new."""
    if not is_ours(request.form):
        return refusal(HTTPStatus.FORBIDDEN, STALE)
    try:
        begun = services().scan(client())
    except TooSoon as error:
        return too_often(error)
    except Silent:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, NOT_HEARD)
    if not begun:
        return refusal(HTTPStatus.CONFLICT, NOT_NOW)
    return redirect(at(own_url(), new="1"), HTTPStatus.SEE_OTHER)


def too_often(error: TooSoon) -> Response:
    """429 with the seconds to wait (RFC 6585 4)."""
    answer = refusal(HTTPStatus.TOO_MANY_REQUESTS, too_soon(error))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def refusal(status: HTTPStatus, words: str) -> Response:
    """A page with words on it, and the way back."""
    page = render_template("portal/error.html", status=status.value, words=words)
    return Response(page, status.value, content_type="text/html; charset=utf-8")
