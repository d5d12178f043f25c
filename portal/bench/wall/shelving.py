"""The files' page: what is on the shelf, who signed it, and how more comes there."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from portal.bench.desk import Offer
from portal.bench.port import Refused
from portal.bench.wall.office import ROOT, go, leads, office, session

# minisign's own files are four lines, 300 bytes.
_MOST_SIGNATURE: Final = 4096


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/files", "files", files)
    blueprint.add_url_rule("/bench/api/file", "file_piece", piece, methods=["POST"])
    blueprint.add_url_rule("/bench/files", "take_file", take, methods=["POST"])
    blueprint.add_url_rule("/bench/files/drop", "drop_file", drop, methods=["POST"])


def files() -> str:
    """The shelf."""
    return render_template("bench/files.html", files=office().desk.files())


def piece() -> Response:
    """A piece of a file, by the page's script; how much of it is here now."""
    try:
        size = office().desk.send_piece(
            _upload(request.args.get("upload", "")),
            request.args.get("offset", 0, type=int),
            request.get_data(),
        )
    except Refused as error:
        return _said({"detail": str(error)}, HTTPStatus.CONFLICT)
    return _said({"offset": size})


def take() -> Response:
    """Put a file on the shelf: what was sent in pieces, or with the form where it is small."""
    form, file = request.form, request.files.get("file")
    override = "override" in form
    if override:
        leads()
    upload, name = _upload(form.get("upload", "")), form.get("name", "")
    desk = office().desk
    try:
        if file is not None and file.filename:
            upload, name = _upload(file.filename), file.filename
            _send_whole(upload, file)
        offer = Offer(
            name.replace("\\", "/").rpartition("/")[2],
            form.get("product", "").strip(),
            form.get("version", "").strip(),
            _signature(request.files.get("signature")),
            override,
        )
        made = desk.take_file(upload, offer, session().name)
    except Refused as error:
        return go(f"{ROOT}/files", str(error), bad=True)
    signed = f"signed by {made.signer}" if made.signer else "not signed, by your word"
    return go(f"{ROOT}/files", f"{made.name} is on the shelf, {signed}.")


def drop() -> Response:
    """Take a file off the shelf, where no job needs it."""
    try:
        office().desk.drop_file(request.form.get("sha256", ""), session().name)
    except Refused as error:
        return go(f"{ROOT}/files", str(error), bad=True)
    return go(f"{ROOT}/files", "Removed.")


def _send_whole(upload: str, file: FileStorage) -> None:
    body = file.read()
    size = office().desk.send_piece(upload, 0, body)
    if size != len(body):
        # Something of that name was begun in pieces, and another part of it is here.
        raise Refused("A file of this name is being sent. Please use another name, or wait.")


def _signature(file: FileStorage | None) -> str:
    text = file.read(_MOST_SIGNATURE + 1) if file is not None else b""
    if len(text) > _MOST_SIGNATURE:
        raise Refused("That is no signature: a .minisig has four lines.")
    return text.decode("utf-8", "replace")


def _upload(name: str) -> str:
    """The upload by which a person's pieces belong together: nobody else's of that name."""
    return hashlib.sha256(f"{session().name}\0{name}".encode()).hexdigest()[:32]


def _said(document: dict[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(document) + "\n", status.value, content_type="application/json")
