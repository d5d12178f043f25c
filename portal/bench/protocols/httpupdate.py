"""ESP8266HTTPUpdate, the ESP32's HTTPUpdate, and Tasmota's: one GET of any path, answered at once.

    GET /whatever HTTP/1.0           304  nothing for you, or not yet
    x-ESP8266-STA-MAC: …             200  the image, with its length and x-MD5
    x-ESP8266-version: …             403  with words: this one cannot take it

Nothing of its success is ever reported: the proof is that the same device asks again and runs
something new. So what it would refuse by itself is refused here, before anything is sent, with
the reason on the wall. Sources: ESP8266httpUpdate.cpp, Updater.cpp, HTTPUpdate.cpp of the two
Arduino cores; Tasmota's HttpUpdateLight (support_esp32.ino, support.ino).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.bench.port import Artifact, Report, Sighting, Step, Ticket, Turn, Verb
from portal.bench.protocols import esp, hatch, routing
from portal.bench.protocols.hatch import Hatch

PROTOCOL: Final = "httpupdate"
_READING: Final = frozenset({"GET", "HEAD"})


def blueprint(at: Hatch) -> Blueprint:
    """Answers every request of an ESP, whatever its path, but for those of other protocols."""
    routes = Blueprint("bench_httpupdate", __name__)

    def poll() -> Response | None:
        if not routing.is_esp(_header) or routing.has_route(request.path):
            return None
        return _answer(at)

    routes.before_app_request(poll)
    return routes


def _header(name: str) -> str:
    return request.headers.get(name, "")


def _answer(at: Hatch) -> Response:
    if request.method not in _READING:
        return hatch.words(HTTPStatus.METHOD_NOT_ALLOWED, "An update is fetched with GET.")
    asked = esp.Asked.read(_header, request.path)
    if asked is None:
        return hatch.words(HTTPStatus.BAD_REQUEST, "This says no MAC address: x-ESP32-STA-MAC.")
    if asked.spiffs:
        # A file system's image would need a product of its own; there is none yet.
        return _nothing()
    stock = at.stock()
    turn = at.devices.see(_sighting(at, asked, esp.meant(asked.file, stock)))
    if turn.verb is not Verb.FLASH or turn.ticket is None:
        return _nothing()
    return _image(
        at, asked, turn, turn.ticket, esp.variant(asked.file, turn.ticket.artifact, stock)
    )


def _image(at: Hatch, asked: esp.Asked, turn: Turn, ticket: Ticket, meant: Artifact) -> Response:
    refusal = esp.refusal(asked, meant)
    if refusal is not None:
        report = Report(Step.FAILURE, ticket.attempt, code=refusal.reason, text=refusal.words)
        at.devices.report(turn.device, report)
        return hatch.words(HTTPStatus.FORBIDDEN, refusal.words)
    answer = at.send(ticket if meant is ticket.artifact else _instead(ticket, meant))
    answer.headers["x-MD5"] = meant.md5
    return answer


def _instead(ticket: Ticket, meant: Artifact) -> Ticket:
    return Ticket(ticket.code, ticket.device, ticket.attempt, meant)


def _sighting(at: Hatch, asked: esp.Asked, meant: Artifact | None) -> Sighting:
    return Sighting(
        at.claims(mac_claimed=asked.mac),
        PROTOCOL,
        product=meant.product if meant else "",
        version=asked.version,
        digest=asked.digest,
        free=asked.free,
        flash=asked.flash,
        attributes=asked.attributes,
    )


def _nothing() -> Response:
    """304, by which it asks again at its own time."""
    return Response(status=HTTPStatus.NOT_MODIFIED.value)
