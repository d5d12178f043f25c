"""The API's own description, OpenAPI 3.1: a document kept by hand, served as it is.

It stays on the disk until somebody asks. tests/portal/test_openapi.py holds it against the routes
and the answers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response

from portal import schema as record_schema
from portal.services import services

FILE: Final = Path(__file__).parents[1] / "templates" / "api" / "openapi.json"
RECORD: Final = Path(__file__).parent / "provisioning" / "record.schema.json"

blueprint: Final = Blueprint("openapi", __name__, url_prefix="/api/v1")


@blueprint.get("/schema")
def schema() -> Response:
    """What a record of this device looks like, for whoever receives it."""
    shipped = json.loads(RECORD.read_bytes())
    told = record_schema.of(shipped, services().face.fields)
    return Response(json.dumps(told, indent=2) + "\n", content_type="application/schema+json")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """What this API takes and answers."""
    return Response(FILE.read_bytes(), content_type="application/json")
