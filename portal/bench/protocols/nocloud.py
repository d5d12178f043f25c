"""cloud-init's NoCloud over HTTP, for Linux boards without an agent.

    ds=nocloud;s=http://GATEWAY/ci/          the seed, on the kernel's command line or in cloud.cfg
    GET /ci/meta-data, user-data, vendor-data, network-config
    POST /ci/phone-home                      its keys and its name: it is done

No request says who asks, so a board is known by its lease; a seed of `…/ci/SERIAL/` says it too,
where the firmware tells its serial number. What is not for it yet is 503, which cloud-init tries
ten times. Without a vendor-data document of the job's own, ours has the phone_home in it.
Source: cloudinit/sources/DataSourceNoCloud.py and config/cc_phone_home.py.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.bench.port import Claims, Document, Report, Sighting, Step, Turn, Verb
from portal.bench.protocols import hatch, saying
from portal.bench.protocols.hatch import Hatch

PROTOCOL: Final = "nocloud"
_CLOUD_CONFIG: Final = "#cloud-config\n"
_YAML: Final = "text/yaml; charset=utf-8"
_SEED: Final = "<any('meta-data', 'user-data', 'vendor-data', 'network-config'):name>"
# Wait no longer than a boot may take; three seconds apart (cc_phone_home.py).
_TRIES: Final = 10


def blueprint(at: Hatch) -> Blueprint:
    """The seed, and the way home."""
    routes = Blueprint("bench_nocloud", __name__, url_prefix="/ci")

    @routes.get(f"/{_SEED}")
    @routes.get(f"/<serial>/{_SEED}")
    def seed(name: str, serial: str = "") -> Response:
        claims = at.claims(serial=saying.word(serial))
        return _seed(at, at.devices.see(Sighting(claims, PROTOCOL)), name, serial)

    @routes.post("/phone-home")
    @routes.post("/<serial>/phone-home")
    def phone_home(serial: str = "") -> Response:
        return _home(at, at.claims(serial=saying.word(serial)))

    return routes


def _seed(at: Hatch, turn: Turn, name: str, serial: str) -> Response:
    found = at.devices.document(turn.device, name) if turn.verb is Verb.CONFIGURE else None
    if found is not None:
        return Response(found.body, content_type=found.kind)
    if turn.verb is not Verb.CONFIGURE:
        wait = {"Retry-After": str(turn.sleep)}
        return hatch.words(HTTPStatus.SERVICE_UNAVAILABLE, "Nothing yet for this board.", wait)
    return _ready_made(at, turn, name, serial)


def _ready_made(at: Hatch, turn: Turn, name: str, serial: str) -> Response:
    """What the job has no document for."""
    if name == "meta-data":
        return Response(f"instance-id: {json.dumps(_instance(turn))}\n", content_type=_YAML)
    if name == "vendor-data":
        own = f"{quote(serial, safe='')}/" if saying.word(serial) else ""
        home = {"url": f"{hatch.root()}/ci/{own}phone-home", "post": "all", "tries": _TRIES}
        # JSON is YAML.
        return Response(f"{_CLOUD_CONFIG}{json.dumps({'phone_home': home})}\n", content_type=_YAML)
    if name == "user-data":
        found = at.devices.document(turn.device)
        if found is not None and _is_cloud_config(found):
            return Response(found.body, content_type=found.kind)
        return Response(_CLOUD_CONFIG, content_type=_YAML)
    return hatch.words(HTTPStatus.NOT_FOUND, "The network is the board's own matter.")


def _is_cloud_config(document: Document) -> bool:
    return document.body.startswith((_CLOUD_CONFIG.encode(), b"#!", b"Content-Type: multipart"))


def _instance(turn: Turn) -> str:
    """What cloud-init does its work once for: another attempt is another instance."""
    return f"{turn.device}-{turn.action}"


def _home(at: Hatch, claims: Claims) -> Response:
    device = at.devices.find(claims)
    if not device:
        return hatch.words(HTTPStatus.UNAUTHORIZED, "This board is not known here.")
    said = saying.attributes(dict(request.form.items()), 1024)
    at.devices.attributes(device, said)
    text = f"phone_home of {said.get('instance_id', '?')}"
    return hatch.document({"open": at.devices.report(device, Report(Step.CONFIGURED, text=text))})
