"""Coming in and going out: by name and PIN."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.bench.wall.entry import Wrong
from portal.bench.wall.gate import back
from portal.bench.wall.office import COOKIE, ROOT, go, office, session
from portal.bench.wall.people import Unfit
from portal.services import STALE, client, is_ours


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/sign-in", "sign_in", sign_in)
    blueprint.add_url_rule("/bench/sign-in", "signed_in", signed_in, methods=["POST"])
    blueprint.add_url_rule("/bench/sign-out", "sign_out", sign_out, methods=["POST"])


def sign_in() -> str:
    """The form; without anybody on file yet, how the first one is made."""
    return _form()


def signed_in() -> Response:
    """A session, as a cookie for the bench alone; or the form once more, and why."""
    name, pin = request.form.get("name", ""), request.form.get("pin", "")
    if not is_ours(request.form):
        return _again(str(STALE), HTTPStatus.FORBIDDEN)
    ours = office()
    try:
        cookie = ours.entry.enter(name, pin, client())
    except Wrong as error:
        return _refused(error)
    except Unfit:
        words = "The list of people is damaged. Whoever looks after this device can mend that."
        return _again(words, HTTPStatus.SERVICE_UNAVAILABLE)
    except OSError:
        # Tries are counted on the disk or not made: else pulling the plug would give five more.
        words = "This device cannot read or write its disk just now. Please try again."
        return _again(words, HTTPStatus.SERVICE_UNAVAILABLE)
    answer = go(back(request.form.get("next", "")))
    answer.set_cookie(
        COOKIE, cookie, path=ROOT, httponly=True, samesite="Strict", secure=request.is_secure
    )
    found = ours.sessions.find(cookie, ours.monotonic(), act=True)
    ours.desk.note(found.name if found else name, "signed in", client())
    return answer


def sign_out() -> Response:
    """End the session."""
    ours = office()
    ours.desk.note(session().name, "signed out", client())
    ours.sessions.close(request.cookies.get(COOKIE, ""))
    answer = go(f"{ROOT}/sign-in")
    answer.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="Strict")
    return answer


def _refused(error: Wrong) -> Response:
    if not error.seconds:
        return _again("This name and this PIN do not go together.", HTTPStatus.FORBIDDEN)
    words = f"Too many tries. Please wait {error.seconds} seconds, then try again."
    answer = _again(words, HTTPStatus.TOO_MANY_REQUESTS)
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _again(words: str, status: HTTPStatus) -> Response:
    return Response(_form(words), status.value, content_type="text/html; charset=utf-8")


def _form(words: str = "") -> str:
    try:
        is_empty = not office().people.all()
    except (Unfit, OSError):
        is_empty = False
    return render_template(
        "bench/sign_in.html",
        failure=words,
        name=request.form.get("name", ""),
        next=back(request.values.get("next", "")),
        is_empty=is_empty,
    )
