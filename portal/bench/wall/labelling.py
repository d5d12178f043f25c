"""The labels' pages: what to print, the sheet, the printer, and that a label is on its device."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from portal.bench.devices.states import State
from portal.bench.port import Claims, Refused, Row
from portal.bench.wall import codes, groups, tags, zpl
from portal.bench.wall.media import MEDIA, Medium
from portal.bench.wall.office import ROOT, go, leads, office, session
from portal.services import own_url, services

# Ten sheets: what a browser prints at once without thinking long.
MOST: Final = 240
# Where the next label is scanned.
_SCAN: Final = f"{ROOT}/labels?scan"


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/labels", "labels", labels)
    blueprint.add_url_rule("/bench/sheet", "sheet", sheet)
    blueprint.add_url_rule("/bench/labels.zpl", "zpl", zpl_file)
    blueprint.add_url_rule("/bench/print", "print", print_out, methods=["POST"])
    blueprint.add_url_rule("/bench/printer", "printer", printer, methods=["POST"])
    blueprint.add_url_rule("/bench/labelled", "labelled", labelled, methods=["POST"])


def labels() -> str:
    """What is to be printed, and on what."""
    return render_template(
        "bench/labels.html",
        chosen=_chosen(),
        unlabelled=sum(row.state is State.PROVISIONED for row in _rows()),
        which=request.args.get("which", "new"),
        one=request.args.get("id", ""),
        media=MEDIA.values(),
        medium=_medium().name,
        printer=office().printer.address,
        most=MOST,
    )


def sheet() -> str:
    """The page to print: nothing on it but labels, once it is on paper."""
    medium = _medium()
    skip = min(max(0, request.args.get("skip", 0, type=int)), medium.each - 1)
    cells: list[tuple[tags.Tag, object] | None] = [None] * skip
    cells += [(tag, codes.svg(tag.url)) for tag in _tags()]
    sheets = [cells[at : at + medium.each] for at in range(0, len(cells), medium.each)]
    return render_template("bench/sheet.html", medium=medium, sheets=sheets)


def zpl_file() -> Response:
    """The labels for a printer that somebody feeds by hand."""
    answer = Response(_zpl(), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="labels.zpl"'
    return answer


def print_out() -> Response:
    """Send the labels to the label printer."""
    ours, count = office(), len(_chosen())
    if not count:
        return go(f"{ROOT}/labels", "There is nothing to print.", bad=True)
    try:
        ours.printer.send(_zpl())
    except Refused as error:
        return go(f"{ROOT}/labels", str(error), bad=True)
    ours.desk.note(session().name, "printed labels", str(count))
    return go(f"{ROOT}/labels", f"{count} sent to the printer.")


def printer() -> Response:
    """Another label printer, by a lead."""
    leads()
    address = request.form.get("address", "")
    try:
        office().printer.change(address)
    except Refused as error:
        return go(f"{ROOT}/labels", str(error), bad=True)
    office().desk.note(session().name, "chose a printer", address)
    return go(f"{ROOT}/labels", "Saved.")


def labelled() -> Response:
    """A label was scanned back from its device: now it has it."""
    desk, claim = office().desk, scanned(request.form.get("q", ""))
    row = desk.row(desk.find(Claims(address="", claim=claim)) or claim) if claim else None
    if row is None:
        return go(_SCAN, "No device here has this code.", bad=True)
    if row.state is State.LABELLED:
        return go(_SCAN, f"{row.name} has a label already: is this a second one?", bad=True)
    try:
        desk.act(row.id, "labelled", session().name)
    except Refused as error:
        return go(_SCAN, str(error), bad=True)
    return go(_SCAN, f"{row.name} has its label.")


def scanned(text: str) -> str:
    """What stands in a label's code as a scanner types it; anything else as it is."""
    before, found, segment = text.strip().rpartition("/d/")
    return unquote(segment) if found else before + segment


def _rows() -> Sequence[Row]:
    return office().desk.rows()[1]


def _chosen() -> list[Row]:
    """The rows whose labels are asked for: one, all that are done, or those without a label."""
    name = request.values.get("id", "")
    if name:
        row = office().desk.row(name)
        if row is None:
            abort(HTTPStatus.NOT_FOUND)
        return [row]
    which = request.values.get("which", "new")
    found = [row for row in _rows() if _is_wanted(row, which)]
    return sorted(found, key=groups.natural)[:MOST]


def _is_wanted(row: Row, which: str) -> bool:
    if which == "all":
        return True
    if which == "done":
        return groups.of(row.state) is groups.Group.DONE
    return row.state is State.PROVISIONED


def _tags() -> list[tags.Tag]:
    day = services().now().date().isoformat()
    return [tags.of(row, own_url(), day) for row in _chosen()]


def _medium() -> Medium:
    return MEDIA.get(request.values.get("medium", ""), MEDIA["a4-24"])


def _zpl() -> str:
    medium = _medium()
    dots = request.values.get("dots", zpl.DENSITIES[0], type=int)
    density = dots if dots in zpl.DENSITIES else zpl.DENSITIES[0]
    stock = zpl.Stock(medium.wide, medium.high, density)
    return "".join(zpl.label(tag, stock, codes.modules(tag.url)) for tag in _tags())
