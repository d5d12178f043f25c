"""The people's page: a lead adds and removes, everybody changes the own PIN."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.bench.wall.entry import Wrong
from portal.bench.wall.office import ROOT, go, leads, office, session
from portal.bench.wall.people import Role, Unfit
from portal.bench.wall.pins import Weak
from portal.services import client


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/people", "people", people)
    blueprint.add_url_rule("/bench/people/add", "add_person", add, methods=["POST"])
    blueprint.add_url_rule("/bench/people/remove", "remove_person", remove, methods=["POST"])
    blueprint.add_url_rule("/bench/people/pin", "change_pin", change, methods=["POST"])


def people() -> str:
    """Who may work here."""
    return render_template("bench/people.html", people=office().people.all())


def add() -> Response:
    """Let somebody sign in."""
    leads()
    form = request.form
    role = Role.LEAD if form.get("role") == Role.LEAD else Role.TECHNICIAN
    name = form.get("name", "")
    return _done(
        lambda: office().people.add(name, role, form.get("pin", "")), f"added a {role}", name
    )


def remove() -> Response:
    """Let somebody sign in no more, and end what is open."""
    leads()
    name = request.form.get("name", "")
    answer = _done(lambda: office().people.remove(name), "removed a person", name)
    if office().people.find(name) is None:
        office().sessions.drop(name)
    return answer


def change() -> Response:
    """Another PIN of one's own, by who knows the old one."""
    ours, name = office(), session().name
    try:
        ours.sessions.close(ours.entry.enter(name, request.form.get("old", ""), client()))
    except Wrong as error:
        wait = f" Please wait {error.seconds} seconds." if error.seconds else ""
        return go(f"{ROOT}/people", f"That is not your PIN.{wait}", bad=True)
    pin = request.form.get("pin", "")

    def renew() -> None:
        ours.people.change(name, pin)
        # This session goes on; all others of the same person end with the old PIN.
        session().person = ours.people.find(name) or session().person

    return _done(renew, "changed the own PIN", name)


def _done(act: Callable[[], object], what: str, about: str) -> Response:
    try:
        act()
    except (Unfit, Weak) as error:
        return go(f"{ROOT}/people", str(error), bad=True)
    office().desk.note(session().name, what, about)
    return go(f"{ROOT}/people", "Saved.")
