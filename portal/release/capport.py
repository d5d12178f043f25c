"""The captive portal API (RFC 8908): whether the asking client is captive, and where the page is.

Only under the portal's own name and TLS, which the standard asks for. It tells of the asking
client alone, by the address of its connection.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from portal.services import client, services

blueprint: Final = Blueprint("capport", __name__)


@blueprint.get("/captive-portal/api")
def state() -> Response:
    """The client's state, in the keys of RFC 8908 5. There is no session that could end."""
    ours = services()
    if not ours.site or not request.is_secure:
        abort(HTTPStatus.NOT_FOUND)
    document = {
        "captive": not ours.releases.is_released(client()),
        # Also for who is not captive: AOSP takes no answer without it.
        "user-portal-url": ours.site,
    }
    answer = Response(json.dumps(document), content_type="application/captive+json")
    answer.headers["Cache-Control"] = "private"
    return answer
