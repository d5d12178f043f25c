"""The pages: the form, and the truth about what was sent with it.

Everything works without JavaScript and without cookies; a secret goes in and never comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.form import forms
from portal.form.limits import TooSoon
from portal.form.networks import Network
from portal.form.tokens import FIELD
from portal.joining.progress import View
from portal.language.speech import at, chosen, isolated, language
from portal.language.words import Words
from portal.page import outcomes, sheet
from portal.provisioning import record
from portal.provisioning.keeping import store
from portal.provisioning.life import Life, State
from portal.provisioning.record import Record
from portal.services import (
    FULL,
    NOT_RELEASED,
    NOT_SAVED,
    STALE,
    client,
    is_ours,
    nonce,
    own_url,
    services,
    token,
    too_soon,
)

blueprint: Final = Blueprint("pages", __name__)

# Seconds after which a page without JavaScript looks again.
_SOON: Final = 2
_LATER: Final = 10

# Parameters by which a person asks for the form, whatever became of the last one.
_WAYS: Final = frozenset({"new", "other", "more"})

_TOO_MUCH: Final = Words("All of this together is more than can be kept. Please shorten it.")


@blueprint.get("/")
def form() -> str | Response:
    """The form; first what has become of the client's last one, which it may have lost."""
    ours = services()
    last = "" if _WAYS & request.args.keys() else ours.last(client())
    if last:
        return redirect(_absolute(f"setup/{last}"))
    networks = ours.networks()
    entered = {"network": sheet.OTHER} if "other" in request.args else {}
    more = "more" in request.args
    if ours.rescan and ours.rescan.progress:
        return _form(networks, entered, more=more)
    return ours.blank.page(
        networks,
        (language(), chosen(), ours.releases.is_released(client()), *entered, more),
        nonce=nonce(),
        token=token(),
        render=lambda _: _form(networks, entered, more=more),
    )


@blueprint.post("/setup")
def submit() -> Response:
    """Keep what was posted, and go to the page that tells what becomes of it."""
    ours = services()
    networks = ours.networks()
    # A multipart part without a name has None for one, whatever the stubs say.
    pairs = [(name or "", value) for name, value in request.form.items(multi=True)]
    pairs = [(name, value) for name, value in pairs if name != FIELD]
    if not is_ours(request.form):
        page = _form(networks, dict(pairs), failure=STALE)
        return _page(page, HTTPStatus.FORBIDDEN)
    try:
        identity = ours.keep(forms.from_form(pairs, networks, ours.face.fields), client())
    except (forms.Invalid, record.Invalid, TooSoon, store.Full, store.Unwritable) as error:
        return _sent_back(error, networks, dict(pairs))
    return redirect(_absolute(f"setup/{identity}"), HTTPStatus.SEE_OTHER)


def _sent_back(
    error: Exception, networks: tuple[Network, ...], entered: Mapping[str, str]
) -> Response:
    """The form once more, with what was entered but for secrets, and why it was not taken."""
    if isinstance(error, forms.Invalid):
        page = _form(networks, entered, problems=error.problems)
        return _page(page, HTTPStatus.BAD_REQUEST)
    if isinstance(error, record.Invalid):
        # Each answer within its bounds, and all of them together too much.
        page = _form(networks, entered, failure=_TOO_MUCH)
        return _page(page, HTTPStatus.BAD_REQUEST)
    if isinstance(error, TooSoon):
        page = _form(networks, entered, failure=too_soon(error))
        answer = _page(page, HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    page = _form(networks, entered, failure=FULL if isinstance(error, store.Full) else NOT_SAVED)
    return _page(page, HTTPStatus.SERVICE_UNAVAILABLE)


@blueprint.get("/setup/<uuid:identity>")
def outcome(identity: object) -> str:
    """Where a submission stands, told anew until nothing more will happen."""
    ours = services()
    # Asked first: who is no longer expected has been released by the time the page is made.
    is_leaving = ours.farewell.expects(client(), str(identity))
    life = ours.life(str(identity), client())
    if life is None:
        abort(HTTPStatus.NOT_FOUND)
    seen = ours.view(life)
    if seen is None:
        refresh = _refresh(life, is_leaving=is_leaving)
        return render_template("portal/outcome.html", life=life, refresh=refresh)
    kept = ours.outbox.record(life.id)
    if seen.state in {"failed", "interrupted"}:
        return _corrected(life, seen, kept)
    stages = outcomes.stages(seen, locked=kept is None or bool(kept.passphrase))
    return render_template(
        "portal/progress.html",
        life=life,
        seen=seen,
        network=_name(kept),
        stages=stages,
        now=next((words for state, words in stages if state == "begun"), ""),
        refresh=_SOON if not seen.final or is_leaving else 0,
    )


def _corrected(life: Life, seen: View, kept: Record | None) -> str:
    """The form with what it was sent with, below the words about how that has ended."""
    ours = services()
    told = outcomes.told(seen.outcome or seen.state)
    networks = ours.networks()
    # Where the same may be tried again, that is the next step, and nothing is to be typed.
    again = seen.again and told.box != "network"
    # The network is on the air for everybody to see; what else was entered is its sender's.
    is_sender = ours.sent(client()) == life.id
    entered = {} if kept is None else sheet.entered(kept, networks, whole=is_sender)
    return render_template(
        "portal/failed.html",
        life=life,
        seen=seen,
        told=told,
        network=_name(kept),
        again=again,
        sheet=_sheet(networks, entered, attention="" if again else told.box, most=sheet.FEW),
    )


@blueprint.post("/release")
def release() -> Response:
    """Let the asking client stay without Internet, and go to the page that says so."""
    ours = services()
    if not is_ours(request.form):
        return _page(render_template("portal/released.html", failure=STALE), HTTPStatus.FORBIDDEN)
    try:
        ours.releases.release(client())
    except OSError:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        page = render_template("portal/error.html", status=status.value, words=NOT_RELEASED)
        return _page(page, status)
    return redirect(_absolute("release"), HTTPStatus.SEE_OTHER)


@blueprint.get("/release")
def released() -> str:
    """Whether the asking client can stay, or the offer."""
    return render_template("portal/released.html")


@blueprint.get("/languages", defaults={"identity": None})
@blueprint.get("/languages/<uuid:identity>")
def languages(identity: object) -> str:
    """Every language by its own name, each leading back to where the person came from."""
    back = "/" if identity is None else f"/setup/{identity}"
    return render_template("portal/languages.html", back=back)


def _absolute(path: str) -> str:
    """Where a form leads on to, by the portal's own address and in the language chosen."""
    return at(own_url() + path)


def _page(page: str, status: HTTPStatus) -> Response:
    return Response(page, status.value, content_type="text/html; charset=utf-8")


def _name(kept: Record | None) -> object:
    """The network's name within a sentence, whichever way either of them is read."""
    return isolated(b"" if kept is None else kept.ssid)


def _form(networks: Sequence[Network], entered: Mapping[str, str], **more: Any) -> str:  # noqa: ANN401 - a Sheet's own
    """The form with what was `entered`, and `more` of a `Sheet`."""
    rescan = services().rescan
    return render_template(
        "portal/form.html",
        sheet=_sheet(networks, entered, **more),
        scan=rescan.progress if rescan else None,
    )


def _sheet(
    networks: Sequence[Network],
    entered: Mapping[str, str],
    **more: Any,  # noqa: ANN401 - a Sheet's own
) -> sheet.Sheet:
    asked = services().face.fields
    return sheet.Sheet(
        networks,
        entered,
        fields=[f"fields.{each.name}" for each in asked],
        hushed=[f"fields.{each.name}" for each in asked if each.kind == "secret"],
        **more,
    )


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
