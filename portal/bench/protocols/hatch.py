"""What every protocol is given, and how it reads who asks and answers in words.

Law: a device's claims are read from its request, what is known of it without its word from its
connection alone. Absolute URLs lead to the Host the client used, since it has reached us there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from flask import abort, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.wrappers import Response

from portal.bench.port import Artifact, Claims, Devices, Ticket
from portal.door.detect import named
from portal.provisioning.keeping.database import Unwritable

TEXT: Final = "text/plain; charset=utf-8"
_AUTHORITY: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Hatch:
    """`holder(address)` is the MAC under whose lease an address is held, "" without a lease;
    `send(ticket)` answers the running request with a ticket's bytes, as it wants them;
    `stock()` is what stands on the shelf; `gateway` is the token of all DDI devices, "" for none.
    """

    devices: Devices
    holder: Callable[[str], str]
    send: Callable[[Ticket], Response]
    stock: Callable[[], Sequence[Artifact]] = tuple
    gateway: str = field(default="", repr=False)

    def claims(self, **own: str) -> Claims:
        """Who asks: by its connection, and by its `own` words."""
        address = request.remote_addr or ""
        return Claims(address, mac=self.holder(address), **own)


def root() -> str:
    """The absolute URL of "/" as the client knows us, without its slash."""
    host = named(request.environ)
    if not _AUTHORITY.fullmatch(host):
        abort(HTTPStatus.BAD_REQUEST)
    return f"{request.scheme}://{host}"


def words(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in words, for whoever reads a device's log."""
    return Response(f"{text}\n", status.value, headers, content_type=TEXT)


def refused(error: HTTPException) -> Response:
    """Whatever has gone wrong, in words: a device has no use for a page."""
    status = HTTPStatus(error.code or 500)
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else None
    return words(status, _WORDS.get(status, status.phrase), headers)


def unwritable(_: Unwritable) -> Response:
    """Nothing was decided, because nothing can be kept."""
    return refused(ServiceUnavailable())


_WORDS: Final = {
    HTTPStatus.BAD_REQUEST: "This cannot be read.",
    HTTPStatus.UNAUTHORIZED: "The token is not this device's, or it is missing.",
    HTTPStatus.NOT_FOUND: "There is nothing here for this device.",
    HTTPStatus.GONE: "This action is closed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The bench cannot write its disk. Ask again later.",
}


def document(
    value: object, status: HTTPStatus = HTTPStatus.OK, kind: str = "application/json"
) -> Response:
    """An answer in JSON, as small as it goes."""
    body = json.dumps(value, separators=(",", ":"))
    return Response(body, status.value, content_type=kind)


def posted() -> dict[str, Any] | None:
    """The JSON object of the request's body, None where it is none."""
    try:
        found = json.loads(request.get_data())
    # Not UTF-8, not JSON, a number of 5,000 digits, or nested until Python gives up.
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
