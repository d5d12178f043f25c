"""The wall, the list of all devices, one device, and what is done to it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from portal.bench.port import Claims, Refused, Row
from portal.bench.wall import acts, changes, groups, remedies
from portal.bench.wall.gate import back
from portal.bench.wall.labelling import scanned
from portal.bench.wall.office import ROOT, go, office, session, wants_json

# So many cards are helped one after the other; the list of all devices has the rest.
MOST_CARDS: Final = 24
# So many squares a person takes in at a glance, and 40 KB a page.
MOST_CELLS: Final = 240
_A_PAGE: Final = 50
_REFRESH: Final = 5
# What fits into one needs no compressing: less would be as slow on the air.
_ONE_SEGMENT: Final = 1400


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench", "wall", wall)
    blueprint.add_url_rule("/bench/api/changes", "changes", latest)
    blueprint.add_url_rule("/bench/api/needs", "needs", needs)
    blueprint.add_url_rule("/bench/devices", "devices", devices)
    blueprint.add_url_rule("/bench/find", "find", find)
    blueprint.add_url_rule("/bench/act", "act", act, methods=["POST"])
    blueprint.add_url_rule("/bench/claim/<path:claim>", "claimed", claimed)
    blueprint.add_url_rule("/d/<path:claim>", "from_label", from_label)


def wall() -> str:
    """The wall as it is now, or one device: as a query, a link on the wall has three bytes more
    than the device's name, and 200 of them are there.
    """
    name = request.args.get("d")
    return _wall() if name is None else _device(name)


def _wall() -> str:
    """Without JavaScript it comes anew every few seconds."""
    office().watched()
    desk = office().desk
    number, rows = desk.rows()
    rows = sorted(rows, key=groups.natural)
    needy = groups.needy(rows)
    return render_template(
        "bench/wall.html",
        head=desk.head(),
        number=number,
        rows=rows,
        cards=needy[:MOST_CARDS],
        more=len(needy) - MOST_CARDS,
        working=groups.working(rows)[:MOST_CARDS],
        cells=rows[:MOST_CELLS],
        states=" ".join(f"{state.value}:{groups.of(state).value}" for state in groups.STATES),
        reasons=remedies.titles(),
        refresh=_REFRESH,
    )


def _device(name: str) -> str:
    """One device: how it stands, what helps, its log and its history."""
    desk = office().desk
    row = desk.row(name)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    others = [each for each in groups.needy(desk.rows()[1]) if each.id != name]
    return render_template(
        "bench/device.html",
        row=row,
        following=others[0] if others else None,
        history=list(reversed(desk.history(name))),
        candidates=desk.candidates(name) if acts.asks_which(row) else (),
        refresh=_REFRESH if groups.of(row.state) is groups.Group.WORKING else 0,
    )


def latest() -> Response:
    """What has changed after `since`; all there is where that number is not one of ours."""
    office().watched()
    desk = office().desk
    since = request.args.get("since", 0, type=int)
    number, rows = desk.rows(since)
    is_all = since <= 0 or number < since
    if number < since:
        number, rows = desk.rows()
    rows = sorted(rows, key=groups.natural) if is_all else rows
    body = changes.document(desk.head(), number, rows, full=is_all)
    answer = Response(body, content_type="application/json")
    answer.vary.add("Accept-Encoding")
    if len(body) > _ONE_SEGMENT and request.accept_encodings.quality("gzip") > 0:
        # Nothing in it is secret, so nobody learns anything from its length (BREACH).
        answer.set_data(gzip.compress(body, 1, mtime=0))
        answer.content_encoding = "gzip"
    return answer


def needs() -> str:
    """The cards of those that need a person, for the page to put in the place of the old ones."""
    needy = groups.needy(office().desk.rows()[1])
    return render_template(
        "bench/needs.html", cards=needy[:MOST_CARDS], more=len(needy) - MOST_CARDS
    )


def devices() -> str:
    """All devices, fifty to a page, of one group or by a word of theirs."""
    rows: Sequence[Row] = office().desk.rows()[1]
    letter, text = request.args.get("group", ""), request.args.get("q", "")
    if letter in set(groups.Group):
        rows = [row for row in rows if groups.of(row.state) == letter]
    rows = groups.found(rows, text) if text else sorted(rows, key=groups.order)
    page = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "bench/devices.html",
        rows=rows[(page - 1) * _A_PAGE : page * _A_PAGE],
        total=len(rows),
        page=page,
        pages=max(1, -(-len(rows) // _A_PAGE)),
        text=text,
    )


def find() -> Response:
    """What a scanner or a person has entered: the device itself where it can be only one."""
    desk, claim = office().desk, scanned(request.args.get("q", ""))
    name = desk.find(Claims(address="", claim=claim)) if claim else ""
    rows = groups.found(desk.rows()[1], claim) if not name and claim else []
    exact = [row for row in rows if claim.casefold() in groups.names(row)]
    if name or len(exact) == 1 or len(rows) == 1:
        return go(place(name or (exact or rows)[0].id))
    return go(f"{ROOT}/devices?{urlencode({'q': claim})}")


def act() -> Response:
    """Do what a button says, in the name of who pressed it."""
    form = request.form
    name, wanted = form.get("id", ""), acts.ACTS.get(form.get("act", ""))
    if wanted is None:
        abort(HTTPStatus.BAD_REQUEST)
    words = {wanted.asks: form.get(wanted.asks, "")[: wanted.longest]} if wanted.asks else {}
    try:
        office().desk.act(name, wanted.name, session().name, **words)
    except Refused as error:
        return _answer(name, str(error), HTTPStatus.CONFLICT)
    # What is now a row of the manifest goes by that row's name.
    there = words.get("row") or name if office().desk.row(name) is None else name
    return _answer(there, f"{name}: {wanted.words.lower()}.", HTTPStatus.OK)


def claimed(claim: str) -> Response:
    """The device with this code on its label, or its id where it has none."""
    desk = office().desk
    name = desk.find(Claims(address="", claim=claim)) or claim
    if desk.row(name) is None:
        return go(
            f"{ROOT}/devices?{urlencode({'q': claim})}", "No device here has this code.", bad=True
        )
    return go(place(name))


def from_label(claim: str) -> Response:
    """Where the code of a label leads, for anybody; what is there only who is signed in sees."""
    return go(f"{ROOT}/claim/{quote(claim, safe='')}")


def _answer(name: str, words: str, status: HTTPStatus) -> Response:
    if wants_json():
        body = json.dumps({"detail": words}) + "\n"
        return Response(body, status.value, content_type="application/json")
    there = request.form.get("back", "")
    return go(back(there) if there else place(name), words, bad=status is not HTTPStatus.OK)


def place(name: str) -> str:
    """The path of a device's own page. By query: an id may hold slashes and dots."""
    return f"{ROOT}?{urlencode({'d': name})}"
