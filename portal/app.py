"""The Flask app: what every answer has in common, and nothing of any one page.

Law: no answer without the security headers, no error with more in it than its own words,
no change of state asked for by another origin.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Final

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, HTTPException, ServiceUnavailable
from werkzeug.wrappers import Response

from portal import api, openapi, pages
from portal.door.detect import FrontDoor
from portal.form.tokens import FIELD
from portal.joining import acts
from portal.language import speech
from portal.language.words import Words
from portal.page import brand
from portal.page.tight import tight
from portal.provisioning.keeping.store import Unwritable
from portal.release import capport
from portal.services import KEY, Services, client, nonce, own_url, services, token

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from portal.bench.site import BenchSite

# A form of 32 fields of 512 characters fits four times.
LARGEST_BODY: Final = 64 * 1024
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY: Final = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, a browser sends our own form with "Origin: null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _App(Flask):
    """Flask whose log of an exception names the endpoint, never the client's own path."""

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        self.logger.error("failed: %s", request.endpoint, exc_info=exc_info)


def create_app(services: Services, bench: BenchSite | None = None) -> Flask:
    """The portal over `services`, and the bench where there is one, with the front door around."""
    app = _App(__name__, template_folder="../templates", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=64,
        # Set, so that a test client sees the 500 page a person would see.
        PROPAGATE_EXCEPTIONS=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions[KEY] = services
    speech.install(app)
    if services.face.templates:
        brand.dress(app, services.face.templates)
    app.jinja_env.filters["tight"] = tight
    app.before_request(_same_origin)
    app.before_request(_visited)
    app.after_request(_secured)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Unwritable, _unreadable)
    app.context_processor(_context)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(acts.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(openapi.blueprint)
    app.register_blueprint(capport.blueprint)
    for each in bench.blueprints if bench else ():
        app.register_blueprint(each)
    is_device = bench.is_device if bench else None
    inner: WSGIApplication = app.wsgi_app
    # Flask's documented place for WSGI around the app; its stubs know it as a method only.
    app.wsgi_app = FrontDoor(  # type: ignore[method-assign,assignment]
        inner, services.url, services.releases.is_released, site=services.site, is_device=is_device
    )
    return app


def _same_origin() -> None:
    """Refuse a change of state that a page of another origin asks for (RFC 6454)."""
    origin = request.headers.get("Origin")
    if request.method in SAFE or origin is None:
        return
    if origin.rstrip("/") != own_url().rstrip("/"):
        raise Forbidden


def _visited() -> None:
    """Somebody is here: while a page is being loaded, the radio keeps to its channel.

    Nobody who wants a list of networks is at the bench, and its devices ask all the time.
    """
    rescan, room = services().rescan, request.blueprint or ""
    if rescan is not None and not room.startswith("bench"):
        rescan.visited()


def _context() -> dict[str, object]:
    ours = services()
    released = ours.releases.is_released(client())
    return {
        "nonce": nonce(),
        "services": ours,
        "face": ours.face,
        "released": released,
        "signed": _signed,
    }


def _signed() -> Markup:
    """The hidden box that every form of ours has."""
    return Markup("<input type=hidden name={} value={}>").format(FIELD, token())


def _secured(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce())
    return response


def _refused(error: HTTPException) -> ResponseReturnValue:
    """Every error, 500 included, in the form its asker reads and in words of our own."""
    status = HTTPStatus(error.code or 500)
    words = _WORDS.get(status, _ELSE)
    if PurePosixPath(request.path).is_relative_to("/api"):
        answer = api.problem(status, words)
    else:
        page = render_template("portal/error.html", status=status.value, words=words)
        answer = Response(page, status.value, mimetype="text/html")
    if error.response is None and "Allow" in dict(error.get_headers()):
        answer.headers["Allow"] = dict(error.get_headers())["Allow"]
    return answer


def _unreadable(_: Unwritable) -> ResponseReturnValue:
    return _refused(ServiceUnavailable())


_WORDS: Final = {
    HTTPStatus.FORBIDDEN: Words("This was sent from another page. Please use the form here."),
    HTTPStatus.NOT_FOUND: Words("There is nothing here. The set-up page is one tap away."),
    HTTPStatus.METHOD_NOT_ALLOWED: Words("This address cannot be used that way."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Words(
        "That was more than the form takes. Please shorten it."
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Words("Please send this as application/json."),
    HTTPStatus.INTERNAL_SERVER_ERROR: Words(
        "Something went wrong on this device, not on your side. Please try again in a moment."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Words(
        "This device cannot read what it saved. Please try again."
    ),
}
_ELSE: Final = Words("This did not work. Please go back to the start and try again.")
