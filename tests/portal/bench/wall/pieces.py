"""A piece of a file, sent as the pages' script sends it."""

from __future__ import annotations

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.portal.bench.wall.world import World


def sent(bench: World, client: FlaskClient, path: str, body: bytes) -> TestResponse:
    """What is answered to a piece, by whoever has signed in as this client."""
    cookie = client.get_cookie("bench", domain="100.64.64.1", path="/bench")
    assert cookie is not None
    headers = {"X-Token": bench.token(cookie.value), "Content-Type": "application/octet-stream"}
    return client.post(path, data=body, headers=headers)
