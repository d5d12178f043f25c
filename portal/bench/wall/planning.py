"""Before the first device: the lights, the job, and its manifest, looked at before it is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.bench.port import Refused
from portal.bench.wall.office import ROOT, go, office, session

# 10,000 rows of 800 bytes; each session may hold one until it is imported.
MOST: Final = 8 * 1024 * 1024
_TOO_LONG: Final = "A manifest is 8 MB at the most: 10,000 rows."


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/check", "check", check)
    blueprint.add_url_rule("/bench/jobs", "jobs", jobs)
    blueprint.add_url_rule("/bench/jobs", "open_job", open_job, methods=["POST"])
    blueprint.add_url_rule("/bench/jobs/choose", "choose_job", choose_job, methods=["POST"])
    blueprint.add_url_rule("/bench/manifest.csv", "manifest", manifest)
    blueprint.add_url_rule("/bench/import", "preview", preview)
    blueprint.add_url_rule("/bench/import", "unpack", unpack, methods=["POST"])
    blueprint.add_url_rule("/bench/api/import", "piece", piece, methods=["POST"])
    blueprint.add_url_rule("/bench/import/take", "take", take, methods=["POST"])


def check() -> str:
    """What is looked at before the first device: all green, or what helps."""
    lights = office().desk.lights()
    return render_template("bench/check.html", lights=lights)


def jobs() -> str:
    """All jobs, and the ways to begin one."""
    return render_template("bench/jobs.html", jobs=office().desk.jobs())


def open_job() -> Response:
    """Begin a job; its manifest comes next."""
    name = " ".join(request.form.get("name", "").split())[:64]
    if not name:
        return go(f"{ROOT}/jobs", "A job needs a name.", bad=True)
    return _done(lambda: office().desk.open_job(name, session().name), f"{name} is the job now.")


def choose_job() -> Response:
    """Go on with another job."""
    job = request.form.get("job", "")
    return _done(lambda: office().desk.choose_job(job, session().name), "This is the job now.")


def manifest() -> Response:
    """The job's manifest with what has become of its devices."""
    answer = Response(office().desk.export(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="devices.csv"'
    return answer


def unpack() -> Response:
    """A manifest that came with the form; kept until its owner has looked at it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return go(f"{ROOT}/jobs", "Please choose a file.", bad=True)
    office().sessions.hold(session(), _named(file.filename), file.read(MOST + 1))
    return go(f"{ROOT}/import")


def piece() -> Response:
    """A piece of a manifest, by the page's script: what is longer than a form may be."""
    offset = request.args.get("offset", 0, type=int)
    mine, name = session(), _named(request.args.get("name", ""))
    before = b"" if offset == 0 or mine.parcel is None else mine.parcel[1]
    if offset != len(before):
        return _said({"offset": len(before)}, HTTPStatus.CONFLICT)
    body = before + request.get_data()
    if len(body) > MOST:
        mine.parcel = None
        return _said({"detail": _TOO_LONG}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    office().sessions.hold(mine, name, body)
    return _said({"offset": len(body), "next": f"{ROOT}/import"})


def preview() -> str | Response:
    """What the manifest would change, before it changes anything."""
    if session().parcel is None:
        return go(f"{ROOT}/jobs", "Please choose a file.", bad=True)
    name, body = session().parcel or ("", b"")
    if len(body) > MOST:
        session().parcel = None
        return go(f"{ROOT}/jobs", _TOO_LONG, bad=True)
    try:
        shown = office().desk.preview(name, body)
    except Refused as error:
        session().parcel = None
        return go(f"{ROOT}/jobs", str(error), bad=True)
    return render_template("bench/import.html", name=name, shown=shown)


def take() -> Response:
    """Import what was shown: all of it, or only what is sound."""
    name, body = session().parcel or ("", b"")
    if not body:
        return go(f"{ROOT}/jobs", "Please choose a file.", bad=True)
    partial = "partial" in request.form
    try:
        shown = office().desk.take_manifest(name, body, session().name, partial=partial)
    except Refused as error:
        return go(f"{ROOT}/import", str(error), bad=True)
    session().parcel = None
    left = f", {shown.invalid} left out" if shown.invalid else ""
    return go(ROOT, f"{name}: {shown.new} new, {shown.changed} changed{left}.")


def _named(text: str) -> str:
    """A file's name as it is shown: its last part, printable."""
    name = text.replace("\\", "/").rpartition("/")[2][:64]
    return "".join(each for each in name if each.isprintable()) or "devices.csv"


def _done(act: Callable[[], None], words: str) -> Response:
    try:
        act()
    except Refused as error:
        return go(f"{ROOT}/jobs", str(error), bad=True)
    return go(f"{ROOT}/jobs", words)


def _said(document: dict[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
    body = json.dumps(document) + "\n"
    return Response(body, status.value, content_type="application/json")
