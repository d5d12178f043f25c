"""Uploads over HTTP, in the manner of draft-ietf-httpbis-resumable-upload.

    POST   /bench/api/uploads          Upload-Length: N         201, Location, Upload-Offset: 0
    HEAD   /bench/api/uploads/<id>                              204, Upload-Offset
    PATCH  /bench/api/uploads/<id>     Upload-Offset: n, bytes  204, Upload-Offset
    PUT    /bench/api/uploads/<id>     Content-Range: bytes a-b/N   the same
    POST   /bench/api/uploads/<id>     name, product, version … 201, the file
    DELETE /bench/api/uploads/<id>                              204

A piece has at most 64 KiB, as every body here: the loop holds no more of anybody in memory, and
each piece is written by a thread that is free again afterwards. 409 says where to go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from portal.bench.artifacts.uploads import Uploads
from portal.bench.port import Refused

PIECE: Final = 64 * 1024
_ROOT: Final = "/bench/api/uploads"
_RANGE: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(?:\d{1,15}|\*)")
_NUMBER: Final = re.compile(r"\d{1,15}")
_WORDS: Final = ("name", "product", "version", "signature")


def blueprint(
    uploads: Uploads, who: Callable[[bool], str], random: Callable[[int], bytes]
) -> Blueprint:
    """The routes over `uploads`.

    `who(lead)` is the name of the person who asks, a lead where one is needed, or aborts with 401
    or 403; it is called first. `random(n)` gives n bytes.
    """
    routes, views = Blueprint("bench_uploads", __name__), _Views(uploads, who, random)
    one = f"{_ROOT}/<upload>"
    routes.before_request(views.signed_in)
    routes.register_error_handler(Refused, _refused)
    for path, method, view in (
        (_ROOT, "POST", views.begin),
        # HEAD comes with GET: what it answers is all in the fields.
        (one, "GET", views.state),
        (one, "PATCH", views.piece),
        (one, "PUT", views.piece),
        (one, "POST", views.finish),
        (one, "DELETE", views.cancel),
    ):
        routes.add_url_rule(path, f"{view.__name__}_{method}", view, methods=[method])
    return routes


class _Views:
    def __init__(
        self, uploads: Uploads, who: Callable[[bool], str], random: Callable[[int], bytes]
    ) -> None:
        self._uploads = uploads
        self._who = who
        self._random = random

    def signed_in(self) -> None:
        """Nobody else gets further."""
        self._who(False)

    def begin(self) -> Response:
        """An id under which to send a file, if there is room for it."""
        upload = self._random(16).hex()
        if (length := _number("Upload-Length")) is not None:
            self._uploads.check(upload, length)
        answer = _told(0, HTTPStatus.CREATED)
        answer.headers["Location"] = f"{_ROOT}/{upload}"
        return answer

    def state(self, upload: str) -> Response:
        """How many bytes are here."""
        return _told(self._uploads.size(upload))

    def piece(self, upload: str) -> Response:
        """The next bytes."""
        offset, body = _offset(), request.get_data()
        if offset is None:
            return _problem(
                HTTPStatus.BAD_REQUEST,
                "Say where the piece begins: Upload-Offset, or a Content-Range that fits it.",
            )
        here = self._uploads.send(upload, offset, body)
        if here != offset + len(body):
            return _problem(HTTPStatus.CONFLICT, f"{here} bytes are here.", here)
        return _told(here)

    def finish(self, upload: str) -> Response:
        """Put it on the shelf."""
        asked = _document()
        override = self._who(True) if asked.get("override") is True else ""
        if not all(isinstance(asked.get(name, ""), str) for name in _WORDS):
            return _problem(HTTPStatus.BAD_REQUEST, "name, product and version are words.")
        name, product, version, signature = (str(asked.get(name, "")) for name in _WORDS)
        artifact = self._uploads.finish(
            upload, name, product, version, signature=signature.encode(), override=override
        )
        answer = jsonify(asdict(artifact) | {"head": artifact.head.hex()})
        answer.status_code = HTTPStatus.CREATED
        return answer

    def cancel(self, upload: str) -> Response:
        """Throw it away."""
        self._uploads.cancel(upload)
        return Response(status=HTTPStatus.NO_CONTENT)


def _refused(error: Refused) -> Response:
    return _problem(HTTPStatus.CONFLICT, str(error))


def _offset() -> int | None:
    """Where this piece begins; None where that is not said, or not so that it fits the body."""
    if request.method == "PATCH":
        return _number("Upload-Offset")
    match = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    first, last = (int(match[1]), int(match[2])) if match else (0, -1)
    return first if match and last - first + 1 == len(request.get_data()) else None


def _number(name: str) -> int | None:
    text = request.headers.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) and text.isascii() else None


def _document() -> dict[str, Any]:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def _told(here: int, status: HTTPStatus = HTTPStatus.NO_CONTENT) -> Response:
    answer = Response(status=status)
    answer.headers["Upload-Offset"] = str(here)
    answer.headers["Upload-Limit"] = f"max-append-size={PIECE}"
    return answer


def _problem(status: HTTPStatus, detail: str, here: int | None = None) -> Response:
    """RFC 9457, with the draft's own member."""
    members = {"title": status.phrase, "status": status.value, "detail": detail}
    answer = jsonify(members if here is None else members | {"expected-offset": here})
    answer.status_code = status
    answer.content_type = "application/problem+json"
    if here is not None:
        answer.headers["Upload-Offset"] = str(here)
    return answer
