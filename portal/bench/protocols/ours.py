"""The bench's own protocol, version 1: three requests, for those who write a firmware.

    GET  /bench/v1/me?mac=&serial=&hw=&fw=   what to do next; 401 with a code until it is claimed
    GET  the URLs it was given               the image, and its document
    POST /bench/v1/report                    how it went

`docs/bench-protocol.md` is the whole of it, with clients to copy.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.bench.port import Claims, Report, Sighting, Step, Turn, Verb
from portal.bench.protocols import hatch, saying
from portal.bench.protocols.hatch import Hatch

PROTOCOL: Final = "bench/1"
_DIGEST: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
# By these a device is known again; whoever asks for its document says them too.
_IDENTITY: Final = ("mac", "serial", "claim", "token", "id")
# A technician wants to see which of them it is.
_BLINK: Final = "identify"
_STEPS: Final = tuple(step.value for step in Step)


def blueprint(at: Hatch) -> Blueprint:
    """The three requests."""
    routes = Blueprint("bench_ours", __name__, url_prefix="/bench/v1")
    routes.add_url_rule("/me", "me", lambda: _me(at), methods=["GET"])
    routes.add_url_rule("/config", "config", lambda: _config(at), methods=["GET"])
    routes.add_url_rule("/report", "report", lambda: _report(at), methods=["POST"])
    return routes


def _me(at: Hatch) -> Response:
    asked = request.args
    sighting = Sighting(
        _claims(at, asked),
        PROTOCOL,
        product=saying.word(asked.get("hw")),
        version=saying.word(asked.get("fw")),
        digest=_digest(asked.get("digest", "")),
        free=saying.number(asked.get("free")),
        flash=saying.number(asked.get("flash")),
        uptime=saying.number(asked.get("up")),
    )
    turn = at.devices.see(sighting)
    if turn.code:
        told = {"reason": "not claimed", "code": turn.code, "sleep": turn.sleep}
        return hatch.document(told, HTTPStatus.UNAUTHORIZED)
    return hatch.document(_told(turn, {name: asked[name] for name in _IDENTITY if name in asked}))


def _told(turn: Turn, identity: dict[str, str]) -> dict[str, object]:
    """What a device is to do; `firmware` and `config` are null where there is none for it now."""
    told: dict[str, object] = {
        "id": turn.device,
        "state": turn.state.value,
        "do": turn.verb.value,
        "sleep": turn.sleep,
        "attempt": turn.ticket.attempt if turn.ticket else None,
        "firmware": None,
        "config": None,
    }
    if turn.detail == _BLINK:
        told[_BLINK] = True
    if turn.reason:
        told["reason"] = turn.reason.value
    if turn.verb is Verb.FLASH and turn.ticket:
        image = turn.ticket.artifact
        told["firmware"] = {
            "url": hatch.root() + turn.ticket.path,
            "size": image.size,
            "sha256": image.sha256,
            "md5": image.md5,
            "version": image.version,
        }
    if turn.verb is Verb.CONFIGURE:
        told["config"] = {"url": f"{hatch.root()}/bench/v1/config?{urlencode(identity)}"}
    return told


def _config(at: Hatch) -> Response:
    device = at.devices.find(_claims(at, request.args))
    found = at.devices.document(device, saying.word(request.args.get("name"))) if device else None
    if found is None:
        return hatch.words(HTTPStatus.NOT_FOUND, "There is no document for this device now.")
    answer = Response(found.body, content_type=found.kind)
    # The text of it is ours, its name a person's: said only where a header can say it.
    if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", found.name):
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer


def _report(at: Hatch) -> Response:
    said = hatch.posted()
    if said is None:
        return hatch.words(HTTPStatus.BAD_REQUEST, "A report is one JSON object.")
    step = _step(said)
    if step is None:
        names = ", ".join(_STEPS)
        return hatch.words(HTTPStatus.BAD_REQUEST, f'"step" is one of {names}.')
    device = at.devices.find(_claims(at, said))
    if not device:
        return hatch.words(HTTPStatus.UNAUTHORIZED, "This device is not known here, or not yet.")
    report = Report(
        step,
        attempt=saying.number(said.get("attempt")),
        code=saying.word(said.get("reason")),
        version=saying.word(said.get("fw")),
        text=saying.log(said.get("log")),
        done=saying.number(said.get("done")),
        of=saying.number(said.get("of")),
    )
    # False is an answer too: what is repeated, or comes too late, is settled already.
    return hatch.document({"open": at.devices.report(device, report)})


def _step(said: dict[str, Any]) -> Step | None:
    """The step of a report; one that did not go well is a failure, whichever it was."""
    name = said.get("step")
    if name not in _STEPS:
        return None
    return Step(name) if said.get("ok", True) is True else Step.FAILURE


def _claims(at: Hatch, said: Any) -> Claims:  # noqa: ANN401 - a query's arguments, or a JSON object
    return at.claims(
        mac_claimed=saying.mac(saying.word(said.get("mac"))),
        serial=saying.word(said.get("serial")),
        claim=saying.word(said.get("claim")),
        token=saying.word(said.get("token"), 2 * saying.LONGEST),
        id=saying.word(said.get("id")),
    )


def _digest(text: str) -> str:
    small = text.strip().lower()
    return small if _DIGEST.fullmatch(small) else ""
