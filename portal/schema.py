"""What a record of this device looks like: the JSON Schema that ships, with the form's own fields.

Law: values only. A record's answers are texts, whatever kind of question they answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hotspot.settings import Field


def of(shipped: Mapping[str, Any], questions: Sequence[Field]) -> dict[str, Any]:
    """The schema of records whose form asks these `questions`.

    Without any, a record's fields are whatever an app has sent. No field is required: questions
    change, and records of before have the ones of then.
    """
    if not questions:
        return dict(shipped)
    fields = {
        "type": "object",
        "description": shipped["properties"]["fields"]["description"],
        "properties": {each.name: _field(each) for each in questions},
        "additionalProperties": {"type": "string"},
    }
    return {**shipped, "properties": {**shipped["properties"], "fields": fields}}


def _field(question: Field) -> dict[str, Any]:
    told = {
        "type": "string",
        "title": _text(question.label) or question.name,
        "description": _text(question.help),
        **_BY_KIND.get(question.kind, {}),
    }
    if question.kind == "choice":
        told["enum"] = [each.value for each in question.choices]
    if question.kind == "secret":
        told["description"] = f"{told['description']} A secret: empty in a sealed record.".strip()
    return {name: value for name, value in told.items() if value}


# A number in its shortest form. What was left out is not there.
_BY_KIND: Final[Mapping[str, Mapping[str, Any]]] = {
    "number": {"pattern": "^(-?[0-9]+)?$"},
    "switch": {"enum": ["true", "false"]},
}


def _text(words: Mapping[str, str]) -> str:
    """Words for a programmer: for any language, else in English, else in the first one."""
    return words.get("") or words.get("en") or next(iter(words.values()), "")
