"""hawkBit's device interface (DDI) as values: what is answered, and what a feedback says.

The shape is the one that swupdate, rauc-hawkbit-updater and Zephyr all take: one chunk "bApp"
with one artifact, three digests, `download-http` alone (of two links swupdate and RAUC take the
other, which would be https), and lengths within Zephyr's buffers. Sources: hawkBit's DDI resource
model; suricatta/server_hawkbit.c; rauc-hawkbit-updater's hawkbit-client.c; Zephyr's hawkbit.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal.bench.port import Artifact, Report, Step
from portal.bench.protocols import images, saying
from portal.bench.protocols.images import Kind

# Zephyr's DOWNLOAD_HTTP_SIZE, DEPLOYMENT_BASE_SIZE and CANCEL_BASE_SIZE, each without its NUL,
# and the RESPONSE_BUFFER_SIZE that it starts with.
LONGEST_DOWNLOAD: Final = 199
LONGEST_ACTION: Final = 49
ZEPHYRS_BUFFER: Final = 1100

# What swupdate says of a job that is offered with "skip". It closes it as a success, but nothing
# has been tested by then.
SKIPPED: Final = "Skipped Update."
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")
_SWU: Final = ".swu"
_DAY: Final = 86_400


def sleep(seconds: int) -> str:
    """Seconds as HH:MM:SS: eight characters, as Zephyr wants them."""
    within = min(max(seconds, 1), _DAY - 1)
    return f"{within // 3600:02}:{within // 60 % 60:02}:{within % 60:02}"


def poll(seconds: int, links: Mapping[str, str]) -> dict[str, object]:
    """The answer to a poll: when to ask again, and what there is to do."""
    hrefs = {name: {"href": href} for name, href in links.items()}
    return {"config": {"polling": {"sleep": sleep(seconds)}}, "_links": hrefs}


def job(action: int, artifact: Artifact, href: str, *, go: bool) -> dict[str, object]:
    """The deployment `action`: fetch `artifact` at `href`.

    Without `go` it is there, but not to be done: who has installed it and comes back can close it.
    """
    will = "forced" if go else "skip"
    chunk = {
        "part": "bApp",
        "version": artifact.version,
        "name": artifact.product,
        "artifacts": [described(artifact, href)],
    }
    deployment = {"download": will, "update": will, "chunks": [chunk]}
    return {"id": str(action), "deployment": deployment}


def described(artifact: Artifact, href: str) -> dict[str, object]:
    """An artifact: its name, its size, its digests, and where it is."""
    return {
        "filename": href.rpartition("/")[2],
        "size": artifact.size,
        "hashes": {"sha1": artifact.sha1, "md5": artifact.md5, "sha256": artifact.sha256},
        "_links": {"download-http": {"href": href}, "md5sum-http": {"href": f"{href}.MD5SUM"}},
    }


def cancelled(action: int) -> dict[str, object]:
    """The order to stop `action`."""
    return {"id": str(action), "cancelAction": {"stopId": str(action)}}


def filename(artifact: Artifact, room: int) -> str:
    """What the artifact is called in a URL, in `room` characters; "" where they are too few.

    Clients put it into their next request as it is, so nothing in it may need an escape; and
    swupdate passes over what does not end in .swu.
    """
    name = _ODD.sub("-", artifact.name).strip("-.") or "image"
    if images.read(artifact.head).kind is Kind.SWU:
        name = name.removesuffix(_SWU) + _SWU
    stem, dot, ending = name.rpartition(".")
    kept = f"{dot}{ending}" if stem else ""
    stem = stem or ending
    spare = room - len(kept)
    return stem[:spare] + kept if spare >= 1 else ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a device says of an action: `report` for the bench, None where that is only a sign of
    life; `over` where the device itself has closed it.
    """

    report: Report | None
    over: bool = False


def feedback(said: Mapping[str, Any], attempt: int | None) -> Feedback | None:
    """A feedback's meaning; None where it is none."""
    status = said.get("status")
    if not isinstance(status, dict) or not isinstance(status.get("execution"), str):
        return None
    result = status.get("result")
    found: Mapping[str, Any] = result if isinstance(result, dict) else {}
    text = saying.log(status.get("details"))
    if text == SKIPPED:
        return Feedback(None)
    step, over = _step(status["execution"], found)
    done, of = _progress(found)
    code = saying.word(str(status.get("code", ""))) if step is Step.FAILURE else ""
    return Feedback(Report(step, attempt, code=code, text=text, done=done, of=of), over)


def _step(execution: str, result: Mapping[str, Any]) -> tuple[Step, bool]:
    finished = result.get("finished")
    if finished == "failure" or execution in {"rejected", "canceled"}:
        return Step.FAILURE, True
    if execution == "closed":
        return Step.SUCCESS, True
    done, of = _progress(result)
    if of and done == of:
        # Of swupdate this is the last word until it has been started anew.
        return Step.INSTALLED, False
    return (Step.INSTALLING if execution == "downloaded" else Step.DOWNLOADING), False


def _progress(result: Mapping[str, Any]) -> tuple[int | None, int | None]:
    progress = result.get("progress")
    if not isinstance(progress, dict):
        return None, None
    return saying.number(progress.get("cnt")), saying.number(progress.get("of"))
