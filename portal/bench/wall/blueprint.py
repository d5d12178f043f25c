"""The bench's pages as one blueprint, closed to all who have not signed in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal.bench.port import Refused, Row
from portal.bench.wall import (
    acts,
    booting,
    gate,
    groups,
    labelling,
    pages,
    planning,
    remedies,
    reporting,
    shelving,
    signing,
    staff,
)
from portal.bench.wall.amounts import amount, moment, span
from portal.bench.wall.office import KEY, ROOT, Office, wants_json
from portal.provisioning.keeping.store import Unwritable

_ROOMS: Final = (signing, pages, planning, shelving, labelling, reporting, staff, booting)
_WORDS: Final = {
    HTTPStatus.FORBIDDEN: "This was sent from another page, or only a lead may do it.",
    HTTPStatus.NOT_FOUND: "There is nothing here by this name.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That was more than is taken in one piece.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on this device. Please try again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "This could not be saved on the device. Please try again.",
}
_ELSE: Final = "This did not work. Please go back to the wall and try again."


def blueprint(office: Office) -> Blueprint:
    """All routes of the bench's pages over `office`."""
    made = Blueprint("bench", __name__)

    def settle(state: BlueprintSetupState) -> None:
        state.app.extensions[KEY] = office
        state.app.jinja_env.filters.update(bytes=amount, span=span, moment=moment, dense=_dense)

    made.record_once(settle)
    gate.install(made)
    for room in _ROOMS:
        room.install(made)
    made.register_error_handler(HTTPException, _failed)
    made.register_error_handler(Refused, _refused)
    made.register_error_handler(Unwritable, _unwritable)
    made.context_processor(_context)
    return made


def _context() -> dict[str, object]:
    """What every template of the bench may call."""
    return {
        "place": pages.place,
        "group": lambda state: groups.of(state).value,
        "told": remedies.told,
        "offered": acts.offered,
        "first": acts.first,
        "asks_which": acts.asks_which,
        "percent": groups.percent,
        "totals": groups.totals,
        "legend": _legend,
        "words": {group.value: words for group, words in groups.WORDS.items()},
        "group_chosen": request.args.get("group", ""),
        "url": lambda **values: f"{request.path}?{urlencode(values)}",
        "again": _again,
        "url_labels": lambda name: f"{ROOT}/labels?{urlencode({'id': name})}",
    }


def _legend(rows: Sequence[Row]) -> list[tuple[str, str, int]]:
    """Letter, words and number of each group; those that have none are kept for the script."""
    found = Counter(groups.of(row.state) for row in rows)
    return [(group.value, words, found[group]) for group, words in groups.WORDS.items()]


def _again() -> str:
    """The same page once more, asked by itself."""
    values = {**request.args.to_dict(), gate.BY_ITSELF: ""}
    return f"{request.path}?{urlencode(values)}"


def _failed(error: HTTPException) -> Response:
    return _told(HTTPStatus(error.code or 500))


def _refused(error: Refused) -> Response:
    return _told(HTTPStatus.CONFLICT, str(error))


def _unwritable(_: Unwritable) -> Response:
    return _told(HTTPStatus.SERVICE_UNAVAILABLE)


def _told(status: HTTPStatus, words: str = "") -> Response:
    words = words or _WORDS.get(status, _ELSE)
    if wants_json():
        body = json.dumps({"detail": words}) + "\n"
        return Response(body, status.value, content_type="application/json")
    page = render_template(
        "bench/error.html", status=status.value, title=status.phrase, words=words
    )
    return Response(page, status.value, content_type="text/html; charset=utf-8")


def _dense(script: str) -> str:
    """Our script without indents and comments of its own line: 12 in 100 of its bytes."""
    lines = map(str.strip, script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
