"""What is known of a file on the shelf, as the small JSON beside it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from portal.bench.port import Artifact

_DIGESTS: Final = {"sha256": 64, "sha1": 40, "md5": 32}
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_TEXTS: Final = ("name", "product", "version", "signer", "override")


class Damaged(Exception):  # noqa: N818 - said of the file
    """A file's bytes, or what stands in its index, are not what they were."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, its place in the order in which files came, and its time (st_mtime_ns)."""

    artifact: Artifact
    number: int
    changed: int


def written(entry: Entry) -> bytes:
    """The JSON of it."""
    values = asdict(entry.artifact) | {"head": entry.artifact.head.hex()}
    return json.dumps(values | {"number": entry.number, "changed": entry.changed}).encode()


def read(text: bytes) -> Entry:
    """The entry in this JSON. Raises `Damaged`."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Damaged("an index is no JSON") from error
    known = {field.name for field in fields(Artifact)} | {"number", "changed"}
    if not isinstance(values, dict) or values.keys() != known:
        raise Damaged("an index says something else than it should")
    _check(values)
    number, changed = values.pop("number"), values.pop("changed")
    return Entry(Artifact(**values | {"head": bytes.fromhex(values["head"])}), number, changed)


def _check(values: dict[str, Any]) -> None:
    texts = all(isinstance(values[name], str) for name in (*_TEXTS, *_DIGESTS, "head"))
    numbers = all(type(values[name]) is int for name in ("size", "number", "changed"))
    if not (texts and numbers and values["size"] > 0):
        raise Damaged("an index has a value of another kind")
    right = all(len(values[name]) == length for name, length in _DIGESTS.items())
    if not right or not all(_HEX.fullmatch(values[name]) for name in (*_DIGESTS, "head")):
        raise Damaged("an index has a digest that is none")
