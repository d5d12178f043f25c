"""The route by which devices fetch files: `/bench/files/<sha256>/<code>/<name>`.

Flask decides who gets what: the code in the address is a ticket, asked for at the bench each time.
The bytes are sent by the event loop (portal.door.sending), which is also allowed to answer the
same device's next requests for the same file by itself, for a few seconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Request, Response, abort, request

from portal.bench.artifacts import fields, ranges
from portal.bench.artifacts.index import Damaged
from portal.bench.artifacts.progress import Course, Progress
from portal.bench.artifacts.ranges import Conditions, Part
from portal.bench.artifacts.shelf import Shelf
from portal.bench.port import Artifact, Devices, Ticket
from portal.door import detect
from portal.door.paper import Grant, paper

# How long a decision holds without being asked for again. A device that takes 64 KiB at a time
# comes every half second.
HOLDS: Final = 2.0
_PIECE: Final = 64 * 1024
# What is asked of the disk beforehand, so that the loop need not wait for it: an ESP's whole image.
# The kernel takes no more than a piece of this size at a time.
_AHEAD: Final = 4 * 1024 * 1024
_AHEAD_PIECE: Final = 128 * 1024
_BODIES: Final = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT})


def blueprint(devices: Devices, shelf: Shelf, progress: Progress) -> Blueprint:
    """The route over the bench's `devices`, which know the tickets."""
    routes = Blueprint("bench_files", __name__)

    @routes.get("/bench/files/<sha256>/<code>/<path:_name>")
    def file(sha256: str, code: str, _name: str) -> Response:
        """The bytes of a file, or those that are asked for of it."""
        ticket = devices.ticket(code)
        if ticket is None or ticket.artifact.sha256 != sha256:
            abort(HTTPStatus.NOT_FOUND)
        return answer(ticket, shelf, progress)

    return routes


def answer(ticket: Ticket, shelf: Shelf, progress: Progress) -> Response:
    """The running request's answer: a ticket's bytes, or those that it asks for of them."""
    artifact = ticket.artifact
    asked = _conditions(request)
    is_get = request.method == "GET"
    part = ranges.choose(artifact.size, fields.etag(artifact), asked, is_get=is_get)
    found = _head(artifact, part)
    if part.status in _BODIES and is_get:
        course = progress.course(ticket.code, artifact.size)
        # Only what has the ticket in its address means the same whenever it is asked for.
        is_its_own = ticket.code in request.environ.get("RAW_URI", "")
        _send(found, _open(shelf, artifact), artifact, part, course, grants=is_its_own)
    return found


def _conditions(asked: Request) -> Conditions:
    """The fields that decide, as they came."""
    names = ("Range", "If-Range", "If-Match", "If-None-Match")
    return Conditions(*(asked.headers.get(name, "") for name in names))


def _head(artifact: Artifact, part: Part) -> Response:
    """The answer's status and fields."""
    answer = Response(status=part.status)
    if part.status in _BODIES or part.status is HTTPStatus.NOT_MODIFIED:
        for name, value in fields.of(artifact):
            answer.headers[name] = value
    said = part.content_range(artifact.size)
    if said:
        answer.headers["Content-Range"] = said
    if part.status in _BODIES:
        answer.content_length = part.length
    return answer


def _open(shelf: Shelf, artifact: Artifact) -> int:
    try:
        return shelf.open(artifact.sha256)
    except (FileNotFoundError, Damaged):
        abort(HTTPStatus.GONE)


def _send(
    answer: Response,
    descriptor: int,
    artifact: Artifact,
    part: Part,
    course: Course,
    *,
    grants: bool,
) -> None:
    """Let the bytes follow the head: by the loop, or under another server as a body.

    Where it `grants` them the loop may answer the next requests like this one by itself.
    """
    page = paper(request.environ)
    if page is None:
        answer.response = _pieces(descriptor, part)
        answer.call_on_close(lambda: os.close(descriptor))
        return
    end = part.offset + min(part.length, _AHEAD)
    for begin in range(part.offset, end, _AHEAD_PIECE):
        os.posix_fadvise(descriptor, begin, _AHEAD_PIECE, os.POSIX_FADV_WILLNEED)
    page.file(descriptor, part.offset, part.length, course)
    if grants and request.environ.get("wsgi.url_scheme") == "http":
        target = request.environ.get("RAW_URI", "").encode("latin-1")
        host = detect.named(request.environ).lower().removesuffix(":80").encode("latin-1")
        page.grant(Grant(target, fields.Quick(artifact, host, time.time), HOLDS))


def _pieces(descriptor: int, part: Part) -> Iterator[bytes]:
    position, end = part.offset, part.offset + part.length
    while position < end and (data := os.pread(descriptor, min(_PIECE, end - position), position)):
        position += len(data)
        yield data
