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

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.bench.port import Artifact, Report, Sighting, Step, Ticket, Verb
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
    turn = at.devices.see(_sighting(at, asked, stock))
    if turn.verb is not Verb.FLASH or turn.ticket is None:
        return _nothing()
    image = esp.variant(asked, turn.ticket.artifact, stock)
    return _image(at, asked, turn.device, turn.ticket, image)


def _sighting(at: Hatch, asked: esp.Asked, stock: Sequence[Artifact]) -> Sighting:
    meant = esp.meant(asked.file, stock)
    return Sighting(
        at.claims(mac_claimed=asked.mac),
        PROTOCOL,
        product=meant.product if meant else "",
        version=asked.version,
        digest=asked.digest,
        free=esp.room(asked, meant, stock),
        flash=asked.flash,
        attributes=asked.attributes,
    )


def _image(at: Hatch, asked: esp.Asked, device: str, ticket: Ticket, image: Artifact) -> Response:
    """The image in the form that suits, or why there is none that does."""
    refusal = esp.refusal(asked, image)
    if refusal is not None:
        report = Report(Step.FAILURE, ticket.attempt, code=refusal.reason, text=refusal.words)
        at.devices.report(device, report)
        return hatch.words(HTTPStatus.FORBIDDEN, refusal.words)
    answer = at.send(_ticket(ticket, image))
    answer.headers["x-MD5"] = image.md5
    return answer


def _ticket(ticket: Ticket, image: Artifact) -> Ticket:
    """The ticket for this form. The bytes of a mere step count for nobody's progress."""
    code = f"step-{ticket.code}" if esp.is_step(image, ticket.artifact) else ticket.code
    return replace(ticket, code=code, artifact=image)


def _nothing() -> Response:
    """304, by which it asks again at its own time."""
    return Response(status=HTTPStatus.NOT_MODIFIED.value)
