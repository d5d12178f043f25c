"""hawkBit's device interface: polls, deployments, feedback. For swupdate, RAUC and Zephyr.

    GET  …/controller/v1/ID                         configData · deploymentBase · cancelAction
    PUT  …/ID/configData                            what it is
    GET  …/ID/deploymentBase/ACTION                 the job; POST …/feedback: how it goes
    GET  …/ID/cancelAction/ACTION                   the stop; POST …/feedback: it has stopped
    GET  …/ID/softwaremodules/TICKET/artifacts/…    list, bytes, MD5SUM

What swupdate has installed it would install again at every poll, until it is started anew and
says that it works. From "all chunks installed" on, the job is therefore offered with "skip": it
is still there to be closed, but not to be done.
"""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from flask import Blueprint, abort, request
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from portal.bench.devices.reasons import Reason
from portal.bench.port import Claims, Report, Sighting, Step, Turn
from portal.bench.protocols import hal, hatch, jobs, saying
from portal.bench.protocols.hatch import Hatch
from portal.bench.protocols.jobs import Job, Jobs

PROTOCOL: Final = "ddi"
# hawkBit allows an id of 256 characters; with more than these no path fits Zephyr's buffer.
_LONGEST_ID: Final = 128
# What devices call the version they run, in their configData.
_VERSIONS: Final = ("version", "sw_version", "fw_version", "firmware", "swversion")
_MD5SUM: Final = ".MD5SUM"


def blueprint(at: Hatch) -> Blueprint:
    """All of it, for any tenant."""
    routes = Blueprint("bench_ddi", __name__, url_prefix="/<tenant>/controller/v1/<controller>")
    ddi = _Interface(at)

    def rule(path: str, view: Callable[..., Response], *methods: str) -> None:
        routes.add_url_rule(path, view.__name__, view, methods=methods, strict_slashes=False)

    rule("", ddi.poll, "GET")
    rule("/configData", ddi.config_data, "PUT", "POST")
    rule("/deploymentBase/<int:action>", ddi.deployment, "GET")
    rule("/deploymentBase/<int:action>/feedback", ddi.feedback, "POST")
    rule("/cancelAction/<int:action>", ddi.cancel, "GET")
    rule("/cancelAction/<int:action>/feedback", ddi.cancelled, "POST")
    rule("/installedBase", ddi.installed, "PUT")
    rule("/softwaremodules/<code>/artifacts", ddi.artifacts, "GET")
    rule("/softwaremodules/<code>/artifacts/<name>", ddi.artifact, "GET")
    return routes


class _Interface:
    """The views; what each is called is what hawkBit calls it."""

    def __init__(self, at: Hatch) -> None:
        self._at = at
        self._jobs = Jobs()

    def poll(self, tenant: str, controller: str) -> Response:
        """What there is to do: cancelling goes before deploying."""
        turn = self._see(controller)
        job = self._jobs.note(turn)
        base, links = _base(tenant, controller), dict[str, str]()
        if jobs.to_stop(job, turn) and job:
            links["cancelAction"] = f"{base}/cancelAction/{job.action}"
        elif jobs.to_do(job, turn) and job:
            mark = zlib.crc32(f"{job.ticket.code} {job.installed}".encode())
            links["deploymentBase"] = f"{base}/deploymentBase/{job.action}?c={mark}"
        if jobs.wants_config(turn) and turn.device not in self._jobs.configured:
            links["configData"] = f"{base}/configData"
        return hatch.document(hal.poll(turn.sleep, links))

    def config_data(self, tenant: str, controller: str) -> Response:  # noqa: ARG002 - the rule's
        """What the device says it is."""
        device = self._find(controller)
        said = _posted().get("data")
        if not isinstance(said, dict):
            abort(HTTPStatus.BAD_REQUEST)
        values = saying.attributes(said)
        self._at.devices.attributes(device, values)
        self._jobs.configured.add(device)
        version = next((values[name] for name in _VERSIONS if name in values), "")
        if version:
            self._see(controller, version)
        return Response()

    def deployment(self, tenant: str, controller: str, action: int) -> Response:
        """The job itself."""
        turn = self._see(controller)
        job = self._jobs.note(turn)
        if not jobs.to_do(job, turn) or job is None or job.action != action:
            abort(HTTPStatus.NOT_FOUND)
        path = _module(tenant, controller, job.ticket.code)
        name = hal.filename(job.ticket.artifact, hal.LONGEST_DOWNLOAD - len(path))
        if not name:
            self._report(turn.device, _unnameable(job))
            abort(HTTPStatus.NOT_FOUND)
        href = f"{hatch.root()}{path}{name}"
        return hatch.document(hal.job(action, job.ticket.artifact, href, go=not job.installed))

    def feedback(self, tenant: str, controller: str, action: int) -> Response:  # noqa: ARG002 - the rule's
        """How it goes; 410 where nobody waits for it any more."""
        said, device = _posted(), self._find(controller)
        job = self._current(controller, device, action)
        meant = hal.feedback(said, job.ticket.attempt)
        if meant is None:
            abort(HTTPStatus.BAD_REQUEST)
        if meant.report is None:
            return Response()
        job.installed = job.installed or meant.report.step is Step.INSTALLED
        job.over = job.over or meant.over
        self._report(device, meant.report)
        return Response()

    def cancel(self, tenant: str, controller: str, action: int) -> Response:  # noqa: ARG002 - the rule's
        """The order to stop."""
        self._current(controller, self._find(controller), action)
        return hatch.document(hal.cancelled(action))

    def cancelled(self, tenant: str, controller: str, action: int) -> Response:  # noqa: ARG002 - the rule's
        """Whether it has stopped."""
        said = _posted()
        job = self._current(controller, self._find(controller), action)
        meant = hal.feedback(said, job.ticket.attempt)
        if meant is None:
            abort(HTTPStatus.BAD_REQUEST)
        # Where it could not be stopped there is nothing more to be done about it either.
        job.over = job.over or meant.over
        return Response()

    def installed(self, tenant: str, controller: str) -> Response:  # noqa: ARG002 - the rule's
        """What it has on board already."""
        self._see(controller, saying.word(_posted().get("version")))
        return Response()

    def artifacts(self, tenant: str, controller: str, code: str) -> Response:
        """The one file of this module."""
        path = _module(tenant, controller, code)
        ticket = self._at.devices.ticket(code)
        name = hal.filename(ticket.artifact, hal.LONGEST_DOWNLOAD - len(path)) if ticket else ""
        if ticket is None or not name:
            abort(HTTPStatus.NOT_FOUND)
        return hatch.document([hal.described(ticket.artifact, f"{hatch.root()}{path}{name}")])

    def artifact(self, tenant: str, controller: str, code: str, name: str) -> Response:  # noqa: ARG002 - the rule's
        """Its bytes, or their MD5 as md5sum(1) writes it."""
        self._claims(controller)
        ticket = self._at.devices.ticket(code)
        if ticket is None:
            abort(HTTPStatus.NOT_FOUND)
        if name.endswith(_MD5SUM):
            return hatch.words(
                HTTPStatus.OK, f"{ticket.artifact.md5}  {name.removesuffix(_MD5SUM)}"
            )
        return self._at.send(ticket)

    def _see(self, controller: str, version: str = "") -> Turn:
        claims = self._claims(controller)
        turn = self._at.devices.see(Sighting(claims, PROTOCOL, version=version))
        if turn.reason is Reason.AUTH_WRONG:
            raise Unauthorized
        return turn

    def _find(self, controller: str) -> str:
        """The device that asks. 401 where it says a token that proves none, 404 where none is."""
        device = self._at.devices.find(self._claims(controller))
        if not device:
            is_claimed = "Authorization" in request.headers
            abort(HTTPStatus.UNAUTHORIZED if is_claimed else HTTPStatus.NOT_FOUND)
        return device

    def _claims(self, controller: str) -> Claims:
        if len(controller) > _LONGEST_ID or not controller.isprintable():
            abort(HTTPStatus.NOT_FOUND)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "GatewayToken":
            # Of the gateway that speaks for its devices: which one it is, it says itself.
            ours = self._at.gateway.encode()
            if not ours or not hmac.compare_digest(ours, token.strip().encode()):
                raise Unauthorized
            token = ""
        elif kind and kind != "TargetToken":
            raise Unauthorized
        return self._at.claims(
            mac_claimed=saying.mac(controller),
            serial=saying.word(controller),
            token=saying.word(token, _LONGEST_ID),
            id=saying.word(controller, _LONGEST_ID),
        )

    def _current(self, controller: str, device: str, action: int) -> Job:
        """The job that `action` is, while it is open; 410 otherwise."""
        job = self._jobs.of(device)
        if job is None or job.action != action:
            job = self._jobs.note(self._see(controller))
        if job is None or job.action != action or job.over:
            abort(HTTPStatus.GONE)
        return job

    def _report(self, device: str, report: Report) -> None:
        if not self._at.devices.report(device, report):
            abort(HTTPStatus.GONE)


def _unnameable(job: Job) -> Report:
    text = "The file's name and the controller's are too long for one URL."
    return Report(Step.FAILURE, job.ticket.attempt, code=Reason.BAD_NAME, text=text)


def _base(tenant: str, controller: str) -> str:
    return f"{hatch.root()}{_path(tenant, controller)}"


def _path(tenant: str, controller: str) -> str:
    return f"/{tenant}/controller/v1/{quote(controller, safe=':@')}"


def _module(tenant: str, controller: str, code: str) -> str:
    """Where the artifacts of a ticket are; it stands for hawkBit's software module."""
    return f"{_path(tenant, controller)}/softwaremodules/{code}/artifacts/"


def _posted() -> dict[str, object]:
    found = hatch.posted()
    if found is None:
        abort(HTTPStatus.BAD_REQUEST)
    return found
