"""The pages: the form, and the truth about what was sent with it.

Everything works without JavaScript and without cookies; a secret goes in and never comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from portal import forms
from portal.networks import Network
from portal.provisioning import record, store
from portal.provisioning.life import Life, State
from portal.services import NOT_RELEASED, NOT_SAVED, client, nonce, own_url, services

blueprint: Final = Blueprint("pages", __name__)

# What fits on a phone's screen above the password; the rest is one tap away.
FIRST: Final = 5
# Each row is 250 bytes or so of a page of at most 10 KB.
MOST: Final = 20

# Seconds after which a page without JavaScript looks again.
_SOON: Final = 2
_LATER: Final = 10


@blueprint.get("/")
def form() -> str:
    """The form."""
    ours = services()
    networks = ours.networks()
    return ours.blank.page(
        networks,
        released=ours.releases.is_released(client()),
        nonce=nonce(),
        render=lambda _: _form(networks, {}),
    )


@blueprint.post("/setup")
def submit() -> Response:
    """Keep what was posted, and go to the page that tells what becomes of it."""
    ours = services()
    networks = ours.networks()
    # A multipart part without a name has None for one, whatever the stubs say.
    pairs = [(name or "", value) for name, value in request.form.items(multi=True)]
    try:
        identity = ours.keep(forms.from_form(pairs, networks), client())
    except (forms.Invalid, record.Invalid) as error:
        page = _form(networks, dict(pairs), problems=error.problems)
        return _page(page, HTTPStatus.BAD_REQUEST)
    except (store.Full, store.Unwritable):
        page = _form(networks, dict(pairs), failure=NOT_SAVED)
        return _page(page, HTTPStatus.SERVICE_UNAVAILABLE)
    return redirect(f"{own_url()}setup/{identity}", HTTPStatus.SEE_OTHER)


@blueprint.get("/setup/<uuid:identity>")
def outcome(identity: object) -> str:
    """Where a submission stands, told anew until nothing more will happen."""
    ours = services()
    # Asked first: who is no longer expected has been released by the time the page is made.
    is_leaving = ours.farewell.expects(client(), str(identity))
    life = ours.outbox.state(str(identity))
    if life is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "portal/outcome.html",
        life=life,
        refresh=_refresh(life, is_leaving=is_leaving),
    )


@blueprint.post("/release")
def release() -> Response:
    """Let the asking client stay without Internet, and go to the page that says so."""
    ours = services()
    try:
        ours.releases.release(client())
    except OSError:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        page = render_template("portal/error.html", status=status.value, words=NOT_RELEASED)
        return _page(page, status)
    return redirect(f"{own_url()}release", HTTPStatus.SEE_OTHER)


@blueprint.get("/release")
def released() -> str:
    """Whether the asking client can stay, or the offer."""
    return render_template("portal/released.html")


def _page(page: str, status: HTTPStatus) -> Response:
    return Response(page, status.value, content_type="text/html; charset=utf-8")


def _form(
    networks: tuple[Network, ...],
    entries: Mapping[str, str],
    *,
    problems: Mapping[str, str] | None = None,
    failure: str = "",
) -> str:
    """The form with `entries` kept, and words beside each field with a problem."""
    chosen = entries.get("network", forms.OTHER if entries.get("ssid") else "")
    shown = _shown(networks, chosen)
    return render_template(
        "portal/form.html",
        first=shown[:FIRST],
        rest=shown[FIRST:],
        chosen=chosen,
        ssid=entries.get("ssid", ""),
        problems=problems or {},
        failure=failure,
    )


def _shown(networks: tuple[Network, ...], chosen: str) -> tuple[Network, ...]:
    """The strongest ones, and the chosen one however weak."""
    kept = networks[:MOST]
    return kept + tuple(network for network in networks[MOST:] if network.id == chosen)


def _refresh(life: Life, *, is_leaving: bool) -> int:
    """Seconds until the page should look again; 0 when the state is final.

    `is_leaving` while the client is about to be released: a phone's sheet looks whether it is
    online when a page is loaded, so one has to be loaded after that.
    """
    if life.state is State.DELIVERED and is_leaving:
        return _SOON
    if life.state in {State.DELIVERED, State.REJECTED, State.DEAD}:
        return 0
    return _LATER if life.state is State.WAITING else _SOON
