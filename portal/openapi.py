"""The API's own description, OpenAPI 3.1: a document kept by hand, served as it is.

It stays on the disk until somebody asks. tests/portal/test_openapi.py holds it against the routes
and the answers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response

FILE: Final = Path(__file__).parents[1] / "templates" / "api" / "openapi.json"

blueprint: Final = Blueprint("openapi", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """What this API takes and answers."""
    return Response(FILE.read_bytes(), content_type="application/json")
