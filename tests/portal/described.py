"""The API's own description, and what holds an answer against it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_schema_validator import OAS31Validator

from portal.openapi import FILE

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
BASE = "/api/v1"


def closed(schema: Any) -> Any:
    """A schema whose objects have the members they name and no others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return {"unevaluatedProperties": False, **inner} if "properties" in schema else inner


def validator(schema: Mapping[str, Any]) -> OAS31Validator:
    """A validator of answers; what the description does not name is an error."""
    return OAS31Validator(closed({**schema, "components": DOCUMENT["components"]}))


def resolved(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the document, or what it refers to."""
    found: Any = part
    while "$ref" in found:
        path = found["$ref"].removeprefix("#/").split("/")
        found = DOCUMENT
        for name in path:
            found = found[name]
    return dict(found)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation
