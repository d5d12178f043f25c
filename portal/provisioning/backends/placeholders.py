"""Templates of URLs, headers and topics: `{id}` and the like become a record's own values.

Law: a secret never goes into a template, and no value can add a separator to what it is put
into: in URLs and topics everything but letters, digits, - _ . ~ is percent-encoded (RFC 3986 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from hotspot.settings import Secret
from portal.provisioning.record import Record, timestamp

_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)(?:\.([^{}]+))?\}")
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)


class Unfit(Exception):  # noqa: N818 - named for what the record is
    """The record lacks what the template asks for, or it is a secret; no value is repeated."""


def fill(
    template: str, record: Record, names: Mapping[str, str], write: Callable[[str], str]
) -> str:
    """`template` with its placeholders written by `write`; `names` beside the record's own.

    Raises `Unfit`.
    """
    own = {**names, "id": record.id, "created": timestamp(record.created)}

    def value(found: re.Match[str]) -> str:
        name, field = found.groups()
        return write(_field(record, field) if name == "field" else own[name])

    return _PLACEHOLDER.sub(value, template)


def settle(template: str, names: Mapping[str, str], write: Callable[[str], str]) -> str:
    """A template that asks for nothing of a record."""
    return _PLACEHOLDER.sub(lambda found: write(names[found[1]]), template)


def _field(record: Record, name: str) -> str:
    found = record.fields.get(name)
    if found is None:
        raise Unfit(f'the record has no field "{name}", which the settings name')
    if isinstance(found, Secret):
        raise Unfit(f'the field "{name}" is a secret and goes into no URL, header or topic')
    return found


def quoted(text: str) -> str:
    """Percent-encoded, so that it is one segment of a URL's path or of a topic."""
    return "".join(
        chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in text.encode()
    )


def visible(text: str) -> str:
    """As it is where a header can carry it (RFC 9110 5.5), else percent-encoded."""
    plain = re.fullmatch("[!-~](?:[ -~]*[!-~])?", text) and "%" not in text
    return text if plain else quoted(text)
