"""The life of a Zephyr with its hawkBit client: DDI within fixed buffers.

What does not fit ends the attempt there, so it does here: RESPONSE_BUFFER_SIZE 1100, paths of
200, action paths of 50 characters with their NUL, exactly one chunk "bApp" with one artifact, and
a size that is an integer (zephyr/subsys/mgmt/hawkbit/hawkbit.c).
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any, Final

from portal.bench.simulators.acts import Answer, Ask, Fault, Life, Unit, Wait, path_of
from portal.bench.simulators.espressif import PATIENCE, RESTART

BUFFER: Final = 1100
DOWNLOAD: Final = 200
ACTION: Final = 50
_JSON: Final = {"Content-Type": "application/json;charset=UTF-8"}
_TENANT: Final = "/DEFAULT/controller/v1"


class DoesNotFit(Exception):  # noqa: N818 - named for what it says
    """An answer this client cannot take; the text says which and how."""


def ddi(unit: Unit) -> Life:
    """Poll, say what it is, fetch the job, flash, restart, and close the same job."""
    yield unit.seconds(0, 6)
    base, kept, idle = f"{_TENANT}/{unit.serial}", "", 0
    while idle < PATIENCE:
        poll = (yield Ask("GET", base)).json()
        links = poll.get("_links", {})
        if "configData" in links:
            about = json.dumps({"mode": "merge", "data": {"board": unit.product}}).encode()
            yield Ask("PUT", f"{base}/configData", _JSON, about)
        href = links.get("deploymentBase", {}).get("href", "")
        if not href:
            idle += kept not in {"", "-"}
            yield unit.seconds(*_sleep(poll))
            continue
        before, kept = kept, (yield from _worked(unit, base, href, kept))
        if not kept:
            return
        yield unit.seconds(*(RESTART if kept != before else _sleep(poll)))


def _worked(unit: Unit, base: str, href: str, kept: str) -> Generator[Ask | Wait, Answer, str]:
    """Do or close the job at `href`: the action that is on board then, "" where that is the end.

    `kept` is the one that was, or "-" for one that has been tried.
    """
    answer = yield Ask("GET", f"{base}/{action_path(href)}")
    try:
        action, artifact = job(answer.body)
    except DoesNotFit as what:
        yield _feedback(base, "0", "failure", str(what))
        return ""
    if action == kept:
        finished = "failure" if unit.fault is Fault.OLD_VERSION else "success"
        for _ in range(1 + (unit.fault is Fault.TWICE)):
            yield _feedback(base, action, finished, "confirmed")
        return kept
    if refusal := _refusal(unit, artifact):
        yield _feedback(base, action, "failure", refusal)
        return ""
    cut = 40_000 if unit.fault is Fault.POWER_CUT and not kept else None
    image = yield Ask("GET", artifact["path"], rate=unit.rate, cut=cut)
    if cut is not None or image.sha256 != artifact["sha256"]:
        return "-"
    return "" if unit.fault is Fault.NEVER_BACK else action


def action_path(href: str) -> str:
    """The tail of an action's URL. Raises `DoesNotFit`."""
    place = href.find("deploymentBase/")
    tail = href[place:]
    if place < 0 or len(tail) >= ACTION:
        raise DoesNotFit(f"deploymentBase of {len(tail)} characters")
    return tail


def job(body: bytes) -> tuple[str, dict[str, Any]]:
    """Id and artifact (path, size, sha256) of a deployment. Raises `DoesNotFit`."""
    if len(body) > BUFFER:
        raise DoesNotFit(f"{len(body)} bytes of job")
    try:
        found = json.loads(body)
        [chunk] = found["deployment"]["chunks"]
        [artifact] = chunk["artifacts"]
        path = path_of(artifact["_links"]["download-http"]["href"])
        action, size = str(found["id"]), artifact["size"]
        digest = artifact["hashes"]["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise DoesNotFit(f"a job without {error}") from None
    path = path[path.find(_TENANT) :]
    if chunk["part"] != "bApp" or type(size) is not int or not path.startswith(_TENANT):
        raise DoesNotFit("a job for others")
    if len(path) >= DOWNLOAD:
        raise DoesNotFit(f"a path of {len(path)} characters")
    return action, {"path": path, "size": size, "sha256": digest}


def _refusal(unit: Unit, artifact: dict[str, Any]) -> str:
    if unit.fault is Fault.WRONG_PRODUCT:
        return "image is for another board"
    free = 65_536 if unit.fault is Fault.NO_SPACE else unit.free
    return "artifact file size too big" if artifact["size"] > free else ""


def _sleep(poll: dict[str, Any]) -> tuple[float, float]:
    """Between two polls, by the server's word: exactly HH:MM:SS."""
    text = str(poll.get("config", {}).get("polling", {}).get("sleep", "00:00:10"))
    hours, minutes, seconds = (int(each) for each in text.split(":"))
    least = float(hours * 3600 + minutes * 60 + seconds)
    return least, least * 1.2


def _feedback(base: str, action: str, finished: str, text: str) -> Ask:
    status = {"execution": "closed", "result": {"finished": finished}, "details": [text]}
    body = json.dumps({"id": action, "status": status}).encode()
    return Ask("POST", f"{base}/deploymentBase/{action}/feedback", _JSON, body)
