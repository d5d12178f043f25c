"""The JSON API: the same acts as the pages, for apps and scripts.

Errors are problem documents (RFC 9457) with one entry per wrong field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from portal.door.paper import paper
from portal.form import forms
from portal.form.limits import TooSoon
from portal.form.networks import Network
from portal.joining import progress
from portal.joining.radio import Silent
from portal.provisioning import record
from portal.provisioning.keeping import store
from portal.services import (
    NOT_HEARD,
    NOT_NOW,
    NOT_RELEASED,
    NOT_SAVED,
    client,
    own_url,
    services,
    too_soon,
)

blueprint: Final = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/status")
def status() -> Response:
    """What this is, and what becomes of a submission."""
    ours = services()
    return _json({"name": "Vestibule", "url": own_url(), "joins": ours.joins, "demo": ours.demo})


@blueprint.get("/networks")
def networks() -> Response:
    """The networks around, strongest first. `id` goes into a submission's "network"."""
    ours = services()
    scan = ours.rescan.progress if ours.rescan else None
    told: dict[str, object] = {"networks": [_network(network) for network in ours.networks()]}
    told["scanning"] = scan is not None
    if scan is not None:
        told |= {"done": scan.done, "of": scan.of}
    return _json(told)


@blueprint.post("/scan")
def scan() -> Response:
    """Look around again; 202, because how far it has got is told with the networks."""
    try:
        begun = services().scan(client())
    except TooSoon as error:
        return too_often(error)
    except Silent:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, NOT_HEARD)
    if not begun:
        return problem(HTTPStatus.CONFLICT, NOT_NOW)
    return _json({"url": f"{own_url()}api/v1/networks"}, HTTPStatus.ACCEPTED)


@blueprint.post("/setup")
def submit() -> Response:
    """Keep a submission; 202, because what becomes of it is told at `url`."""
    if request.mimetype != "application/json":
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    ours = services()
    try:
        wish = forms.from_json(request.get_data(), ours.networks(), ours.face.fields)
        identity = ours.keep(wish, client())
    except (forms.Invalid, record.Invalid) as error:
        return problem(HTTPStatus.BAD_REQUEST, "Some fields need another look.", error.problems)
    except TooSoon as error:
        return too_often(error)
    except store.Full as full:
        return problem(
            HTTPStatus.SERVICE_UNAVAILABLE, f"This device takes no more answers: {full}."
        )
    except store.Unwritable:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, NOT_SAVED)
    url = f"{own_url()}api/v1/setup/{identity}"
    return _json({"id": identity, "url": url}, HTTPStatus.ACCEPTED)


@blueprint.get("/setup/<uuid:identity>")
def state(identity: object) -> Response:
    """Where a submission stands, and whether the asking client has been released."""
    ours = services()
    life = ours.life(str(identity), client())
    if life is None:
        abort(HTTPStatus.NOT_FOUND)
    told = progress.document(life, ours.view(life))
    return _json({**told, "released": ours.releases.is_released(client())})


@blueprint.get("/setup/<uuid:identity>/events")
def events(identity: object) -> Response:
    """Where a join stands, and each change of it as it happens, as a stream of events.

    204 where there is nothing to wait for, and under a server that cannot keep an answer open:
    a browser asks no more then.
    """
    ours, name = services(), str(identity)
    page, seen = paper(request.environ), ours.news.last
    life = ours.life(name, client())
    if life is None:
        abort(HTTPStatus.NOT_FOUND)
    view = ours.view(life)
    if page is None or view is None or view.final:
        return Response(status=HTTPStatus.NO_CONTENT)
    page.follow(name, seen)
    # Not a list: an answer without a length is sent in chunks.
    return Response(iter([progress.event(life, view)]), content_type="text/event-stream")


@blueprint.post("/setup/<uuid:identity>/again")
def again(identity: object) -> Response:
    """Try the same answers once more: 202; 409 where they are being tried, or have connected."""
    ours, name = services(), str(identity)
    if ours.outbox.state(name) is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        changed = ours.again(name, client())
    except TooSoon as error:
        return too_often(error)
    if not changed:
        return problem(HTTPStatus.CONFLICT, "Only what did not connect can be tried again.")
    return _json({"id": name, "url": f"{own_url()}api/v1/setup/{name}"}, HTTPStatus.ACCEPTED)


@blueprint.post("/release")
def release() -> Response:
    """Tell the asking client's captive checks from now on that it is online."""
    try:
        services().releases.release(client())
    except OSError:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, NOT_RELEASED)
    return _json({"released": True})


def too_often(error: TooSoon) -> Response:
    """429 with the seconds to wait (RFC 6585 4)."""
    answer = problem(HTTPStatus.TOO_MANY_REQUESTS, too_soon(error))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def problem(status: HTTPStatus, detail: str, problems: Mapping[str, str] | None = None) -> Response:
    """A problem document; `problems` maps fields to reasons."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if problems is not None:
        document["errors"] = [
            {"field": field, "reason": reason} for field, reason in problems.items()
        ]
    return _json(document, status, "application/problem+json")


def _json(
    document: object, status: HTTPStatus = HTTPStatus.OK, kind: str = "application/json"
) -> Response:
    body = json.dumps(document, separators=(",", ":")) + "\n"
    return Response(body, status.value, content_type=kind)


def _network(network: Network) -> dict[str, object]:
    return {
        "id": network.id,
        "ssid": _text(network.ssid),
        "label": network.label,
        "lookalike": bool(network.lookalike),
        "signal": network.signal,
        "bars": network.bars,
        "band": network.band,
        "channel": network.channel,
        "security": network.security,
        "usable": not network.unfit,
    }


def _text(ssid: bytes) -> str | None:
    """The name as UTF-8 text, or None: then only its id can say it."""
    try:
        return ssid.decode("utf-8")
    except UnicodeDecodeError:
        return None
