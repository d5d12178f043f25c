"""What a person posted, as a checked submission or as words for every field that is wrong.

The HTML form and the JSON API meet here and are held to the same rules. The words name what
is wrong and what to do, and never repeat a password.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hotspot.settings import Secret
from portal.networks import Network
from portal.words import Words

# The form names a network it does not list so.
OTHER: Final = "other"

MOST_FIELDS: Final = 32
LONGEST_FIELD: Final = 512
_FIELD_NAME: Final = r"[a-z0-9_-]{1,32}"
_PREFIX: Final = "fields."


@dataclass(frozen=True, slots=True)
class Submission:
    """One filled-in form: `ssid` as on the air, `passphrase` empty for an open network."""

    ssid: bytes
    passphrase: Secret
    fields: Mapping[str, str] = field(default_factory=dict)


class Invalid(Exception):  # noqa: N818 - named for what the form is
    """The submission cannot be used; `problems` maps each field to words about it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def from_form(pairs: Iterable[tuple[str, str]], networks: Iterable[Network]) -> Submission:
    """A submission from the pairs of an HTML form. Raises `Invalid`.

    `network` is a listed network's id or `OTHER`; then, or without it, `ssid` is the name.
    """
    networks = tuple(networks)
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            problems[name] = Words("This was sent twice. Please send the form again.")
        values[name] = value
    if values.get("network") == OTHER:
        del values["network"]
    elif "network" in values:
        values.pop("ssid", None)  # the empty box of "another network", sent along
        if any(each.id == values["network"] and not each.locked for each in networks):
            values.pop("passphrase", None)  # typed before an open network was chosen
    fields = {
        name.removeprefix(_PREFIX): values.pop(name)
        for name in list(values)
        if name.startswith(_PREFIX)
    }
    return _submission({**values, "fields": fields}, networks, problems)


def from_json(body: bytes, networks: Iterable[Network]) -> Submission:
    """A submission from a JSON document. Raises `Invalid`.

    {"ssid": text} or {"network": id}, and "passphrase" and "fields", which may be left out.
    """
    return _submission(_object(body), networks, {})


def _object(body: bytes) -> dict[str, Any]:
    """The one JSON object of a body: UTF-8, no name twice, no NaN."""
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except Invalid:
        raise
    except (ValueError, RecursionError):
        # Deep nesting ends in the recursion limit; thousands of digits in a ValueError.
        raise Invalid({"body": "This is not a JSON document in UTF-8."}) from None
    if not isinstance(document, dict):
        raise Invalid({"body": f"This must be a JSON object, not {_kind(document)}."})
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise Invalid({"body": "A name appears twice in one object."})
    return document


def _no_constant(name: str) -> None:
    raise Invalid({"body": f"{name} is not JSON."})


def _submission(
    document: Mapping[str, Any], networks: Iterable[Network], problems: dict[str, str]
) -> Submission:
    listed = {network.id: network for network in networks}
    for name in document.keys() - {"network", "ssid", "passphrase", "fields"}:
        problems[_shown(name)] = Words("This is not a field of the form. Please leave it out.")
    ssid = _ssid(document, listed, problems)
    passphrase = _passphrase(document, listed.get(ssid.hex()), problems)
    fields = _fields(document.get("fields", {}), problems)
    if problems:
        raise Invalid(problems)
    return Submission(ssid, passphrase, fields)


def _ssid(
    document: Mapping[str, Any], listed: Mapping[str, Network], problems: dict[str, str]
) -> bytes:
    """The network's name in bytes, from its id or as text; b"" with a problem noted."""
    name = "network" if "network" in document else "ssid"
    if "network" in document and "ssid" in document:
        problems["ssid"] = "Send either network or ssid, not both."
    value = document.get(name, "")
    if not isinstance(value, str):
        problems[name] = f"This must be text, not {_kind(value)}."
        return b""
    if not value:
        problems[name] = _NO_CHOICE if name == "network" else _NO_NAME
        return b""
    read = _from_id if name == "network" else _from_text
    try:
        ssid = read(value)
    except _Wrong as wrong:
        problems[name] = wrong.words
        return b""
    unfit = listed[ssid.hex()].unfit if ssid.hex() in listed else ""
    if unfit:
        problems[name] = Words(
            "This network cannot be used: %(reason)s. Please choose another one.", reason=unfit
        )
    return ssid


_NO_CHOICE: Final = Words("Please choose your network.")
_NO_NAME: Final = Words("Please choose your network, or type its name.")


class _Wrong(Exception):  # noqa: N818 - what the value is
    """A value cannot be read; `words` are for its box."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


def _from_id(value: str) -> bytes:
    # A network may have left the list since the page was loaded: its id still says it all.
    if not re.fullmatch(r"(?:[0-9a-f]{2}){1,32}", value):
        raise _Wrong(Words("This network is not known. Please choose one from the list."))
    return bytes.fromhex(value)


def _from_text(value: str) -> bytes:
    try:
        ssid = value.encode("utf-8")
    except UnicodeEncodeError:
        raise _Wrong(Words("This holds half a character. Please type it again.")) from None
    if len(ssid) > 32:  # noqa: PLR2004 - IEEE 802.11-2020 9.4.2.2: 0 to 32 octets
        raise _Wrong(
            Words(
                "A network name has at most 32 bytes; this one has %(bytes)s. Please check it.",
                bytes=len(ssid),
            )
        )
    return ssid


def _passphrase(
    document: Mapping[str, Any], network: Network | None, problems: dict[str, str]
) -> Secret:
    value = document.get("passphrase", "")
    if not isinstance(value, str):
        problems["passphrase"] = f"This must be text, not {_kind(value)}."
        return Secret("")
    wrong = _wrong_passphrase(value, network)
    if wrong:
        problems["passphrase"] = wrong
    return Secret(value)


def _wrong_passphrase(value: str, network: Network | None) -> str:
    """What is wrong with a password, in words that do not show it; "" when nothing is."""
    if network is not None and not network.locked:
        return _NO_PASSWORD if value else ""
    if not value:
        return Words("Please type the Wi-Fi password.") if network is not None else ""
    # IEEE 802.11-2020 J.4.1: 8 to 63 characters, each from 32 to 126; or the key in hex.
    if re.fullmatch(r"[0-9A-Fa-f]{64}", value) or re.fullmatch(r"[ -~]{8,63}", value):
        return ""
    if not re.fullmatch(r"[ -~]*", value):
        return Words("A Wi-Fi password has only letters without accents, digits and signs.")
    return Words(_SHORT if len(value) < 8 else _LONG, count=len(value))  # noqa: PLR2004 - J.4.1


_NO_PASSWORD: Final = Words("This network has no password. Please leave this empty.")
_SHORT: Final = Words(
    "A Wi-Fi password has at least 8 characters; this has %(count)s. Please check it."
)
_LONG: Final = Words(
    "A Wi-Fi password has at most 63 characters; this has %(count)s. Please check it."
)


def _fields(value: object, problems: dict[str, str]) -> dict[str, str]:
    if not isinstance(value, dict):
        problems["fields"] = f"This must be an object, not {_kind(value)}."
        return {}
    if len(value) > MOST_FIELDS:
        problems["fields"] = Words(
            "There are %(count)s fields; at most %(most)s are taken.",
            count=len(value),
            most=MOST_FIELDS,
        )
        return {}
    for name, text in value.items():
        wrong = _wrong_field(name, text)
        if wrong:
            problems[_PREFIX + _shown(name)] = wrong
    return value


def _wrong_field(name: str, text: object) -> str:
    if not re.fullmatch(_FIELD_NAME, name):
        return Words("A field's name has 1 to 32 of a to z, 0 to 9, - and _.")
    if not isinstance(text, str):
        return f"This must be text, not {_kind(text)}."
    if len(text) > LONGEST_FIELD:
        return Words(
            "This has %(count)s characters; at most %(most)s are taken.",
            count=len(text),
            most=LONGEST_FIELD,
        )
    return "" if _encodable(text) else Words("This holds half a character. Please type it again.")


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _shown(name: str) -> str:
    """A field's name of the client's own choice, fit to be sent back: short and plain."""
    return re.sub(r"[^a-zA-Z0-9_.-]", "?", name)[:40]


def _kind(value: object) -> str:
    """What JSON calls the type of a value."""
    return _KINDS.get(type(value), "null")


_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}
