"""ESPHome's managed update: a manifest by product, in which the one asking finds its ticket.

    GET /bench/esphome/PRODUCT/manifest.json?version=1.0

It says nothing of itself, so it is known by its lease, and by the version that its configuration
puts into the URL: `source: http://…/manifest.json?version=${version}`. An update is offered where
the manifest's version is another one, so who has to wait is told its own; who did not say it, 503.
Source: esphome/components/http_request/update.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.bench.port import Sighting, Ticket, Turn, Verb
from portal.bench.protocols import hatch, images, saying
from portal.bench.protocols.hatch import Hatch

PROTOCOL: Final = "esphome"


def blueprint(at: Hatch) -> Blueprint:
    """The one request; the image itself is asked for by its ticket's URL."""
    routes = Blueprint("bench_esphome", __name__, url_prefix="/bench/esphome")

    @routes.get("/<product>/manifest.json")
    def manifest(product: str) -> Response:
        version = saying.word(request.args.get("version"))
        claims = at.claims(mac_claimed=saying.mac(saying.word(request.args.get("mac"))))
        turn = at.devices.see(
            Sighting(claims, PROTOCOL, product=saying.word(product), version=version)
        )
        return _answer(turn, saying.word(product), version)

    return routes


def _answer(turn: Turn, product: str, version: str) -> Response:
    if turn.verb is Verb.FLASH and turn.ticket is not None:
        return hatch.document(_manifest(turn.ticket, product))
    if not version:
        wait = {"Retry-After": str(turn.sleep)}
        return hatch.words(HTTPStatus.SERVICE_UNAVAILABLE, "Nothing yet for this device.", wait)
    # The updater looks for a build of its own chip before it compares versions.
    builds = [_build(chip, "", "") for chip in (images.ESP8266, *images.CHIPS.values())]
    return hatch.document({"name": product, "version": version, "builds": builds})


def _manifest(ticket: Ticket, product: str) -> dict[str, object]:
    image = ticket.artifact
    chip = images.read(image.head).chip or "ESP32"
    build = _build(chip, image.md5, hatch.root() + ticket.path)
    return {"name": product, "version": image.version, "builds": [build]}


def _build(chip: str, md5: str, path: str) -> dict[str, object]:
    return {"chipFamily": chip, "ota": {"md5": md5, "path": path}}
