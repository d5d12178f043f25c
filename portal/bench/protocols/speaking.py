"""All that devices speak, for the app that is to understand it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from portal.bench.protocols import ddi, esphome, hatch, httpupdate, nocloud, ours, routing
from portal.bench.protocols.hatch import Hatch
from portal.provisioning.keeping.database import Unwritable


def blueprints(at: Hatch, files: Blueprint) -> Iterator[Blueprint]:
    """One a protocol, and the `files` that all of them lead to. HTTPUpdate, whose requests have
    any path, comes before all others.
    """
    spoken = [each.blueprint(at) for each in (httpupdate, ours, ddi, nocloud, esphome)]
    spoken[0].before_app_request(_nowhere)
    for each in (*spoken, files):
        each.register_error_handler(HTTPException, hatch.refused)
        each.register_error_handler(Unwritable, hatch.unwritable)
        yield each


def _nowhere() -> Response | None:
    """The answer to what is under a protocol's path and is none of its requests."""
    error = request.routing_exception
    is_redirect = isinstance(error, RequestRedirect)
    if error is None or is_redirect or not routing.has_route(request.path):
        return None
    return hatch.refused(error)
