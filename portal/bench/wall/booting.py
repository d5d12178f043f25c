"""The file that puts a Linux board on the bench's Wi-Fi, for whoever has signed in.

The key is typed from the label: the portal does not know it, and does not keep it.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from portal.bench.protocols import bootfiles
from portal.services import services


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/boot", "boot", boot)
    blueprint.add_url_rule("/bench/boot", "boot_file", file, methods=["POST"])


def boot(problem: str = "") -> str:
    """What is asked for."""
    name = services().access_point().decode("utf-8", "replace")
    return render_template(
        "bench/boot.html", name=name, kinds=list(bootfiles.KINDS), problem=problem
    )


def file() -> Response:
    """The file itself, to be put onto the boot partition."""
    form = request.form
    kind = form.get("kind", "")
    if kind not in bootfiles.KINDS:
        abort(HTTPStatus.NOT_FOUND)
    ssid = form.get("name", "").encode()
    known = services().access_point()
    if form.get("name") == known.decode("utf-8", "replace"):
        ssid = known
    try:
        text = bootfiles.made(kind, ssid, form.get("key", ""), form.get("country", "").upper())
    except bootfiles.Unfit as unfit:
        return Response(boot(str(unfit)), HTTPStatus.BAD_REQUEST.value, mimetype="text/html")
    headers = {"Content-Disposition": f'attachment; filename="{kind}"'}
    return Response(text, headers=headers, content_type="text/plain; charset=utf-8")
