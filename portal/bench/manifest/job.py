"""What a job says of itself: its `job.toml`.

[job]
id = "site-7"
title = "Lamps for site 7"
product = "lamp"        # of rows that name none
claim = "match"         # or "proof": code or token; or "person": somebody taps each device
strangers = "ask"       # or "take": first come, first named; or "refuse"

[firmware.lamp]
version = "2.0"         # or sha256; without this table, the newest on the shelf

[documents.config]
format = "json"
values = { name = "{{ name }}", server = "{{ server }}" }
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from portal.bench.devices.matching import PROOF, Strength

_NAME: Final = "[a-z0-9][a-z0-9_.-]{0,63}"
_TABLES: Final = ("job", "firmware", "documents")
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (), "title": (), "product": (), "claim": ("match", "proof", "person"),
    "strangers": ("ask", "take", "refuse"),
}  # fmt: skip
_DOCUMENT: Final = ("format", "product", "file", "template", "values")


class Invalid(Exception):  # noqa: N818 - named for what the job is
    """A job that cannot be worked on; `problems` are sentences, each with its key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the job: rendered for each device of `product` ("": of any).

    `template` is text with names in it; or `values` are keys with such a text each, which are
    written as the `format` wants. `file` is what a device that keeps it calls it.
    """

    name: str
    format: str
    product: str = ""
    file: str = ""
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done. `firmware` names version or SHA-256 by product."""

    id: str
    title: str = ""
    product: str = ""
    claim: str = "match"
    strangers: str = "ask"
    firmware: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()

    def is_claimed(self, strength: int) -> bool:
        """Whether being matched by this is enough."""
        if self.claim == "person":
            return strength >= Strength.PERSON
        return strength >= (PROOF if self.claim == "proof" else Strength.WORD)

    def papers_for(self, product: str) -> tuple[Paper, ...]:
        """The documents that a device of this product gets."""
        return tuple(each for each in self.papers if each.product in {"", product})


EMPTY: Final = Job("bench", "First come, first named")


def read(document: Mapping[str, Any], formats: tuple[str, ...]) -> Job:
    """The job of a parsed `job.toml`; documents are in one of `formats`. Raises `Invalid`."""
    problems = [f"{name}: unknown; a job has {', '.join(_TABLES)}" for name in document
                if name not in _TABLES]  # fmt: skip
    about = _table(document, "job", problems)
    for key, value in about.items():
        problems += _key(key, value)
    if not re.fullmatch(_NAME, str(about.get("id", ""))):
        problems.append("job.id: 1 to 64 letters a to z, digits, - _ and ., such as site-7")
    firmware = {
        product: _firmware(product, table, problems)
        for product, table in _table(document, "firmware", problems).items()
    }
    papers = [
        _paper(name, table, formats, problems)
        for name, table in _table(document, "documents", problems).items()
    ]
    if problems:
        raise Invalid(problems)
    words = {key: str(value) for key, value in about.items()}
    return Job(**words, firmware=MappingProxyType(firmware), papers=tuple(filter(None, papers)))


def _table(document: Mapping[str, Any], name: str, problems: list[str]) -> Mapping[str, Any]:
    found = document.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(f"{name}: a table: write [{name}] and its keys below")
    return {}


def _key(key: str, value: object) -> list[str]:
    if key not in _KEYS:
        return [f"job.{key}: unknown; known are {', '.join(_KEYS)}"]
    allowed = _KEYS[key]
    if not isinstance(value, str) or (allowed and value not in allowed):
        return [f"job.{key}: {'one of ' + ', '.join(allowed) if allowed else 'a text'}"]
    return []


def _firmware(product: str, table: object, problems: list[str]) -> Mapping[str, str]:
    known = ("version", "sha256")
    if isinstance(table, dict) and len(table) == 1 and all(
        key in known and isinstance(value, str) for key, value in table.items()
    ):  # fmt: skip
        return dict(table)
    problems.append(f"firmware.{product}: either version or sha256, a text")
    return {}


def _paper(name: str, table: object, formats: tuple[str, ...], problems: list[str]) -> Paper | None:
    where = f"documents.{name}"
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name) or not isinstance(table, dict):
        problems.append(f"{where}: a table under a name of letters, digits, - _ and .")
        return None
    unknown = [key for key in table if key not in _DOCUMENT]
    if unknown:
        problems.append(f"{where}.{unknown[0]}: unknown; known are {', '.join(_DOCUMENT)}")
    if table.get("format") not in formats:
        problems.append(f"{where}.format: one of {', '.join(formats)}")
    if ("template" in table) == ("values" in table):
        problems.append(f"{where}: either template or values")
    values = table.get("values", {})
    texts = isinstance(values, dict) and all(isinstance(each, str) for each in values.values())
    words = {key: table[key] for key in _DOCUMENT[:4] if key in table}
    if not texts or not all(isinstance(each, str) for each in words.values()):
        problems.append(f"{where}: texts, and values a table of texts")
        return None
    return Paper(name, **words, values=values) if "format" in words else None


def document(job: Job) -> dict[str, Any]:
    """The job as `read` takes it."""
    about = {key: getattr(job, key) for key in _KEYS if getattr(job, key)}
    papers = {
        each.name: {
            key: value
            for key in _DOCUMENT
            if (value := dict(each.values) if key == "values" else getattr(each, key))
        }
        for each in job.papers
    }
    firmware = {product: dict(table) for product, table in job.firmware.items()}
    return {"job": about, "firmware": firmware, "documents": papers}


def kept(values: Mapping[str, Any]) -> Job:
    """The job of `document`'s values, which have been read once. Raises `Invalid`."""
    papers = values.get("documents", {})
    formats = tuple(str(table.get("format", "")) for table in papers.values())
    return read(values, formats)
