"""What a person posted, as a checked submission or as words for every field that is wrong.

The HTML form and the JSON API meet here and are held to the same rules. The words name what
is wrong and what to do, and never repeat a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hotspot.settings import Field, Secret
from portal.form import documents, entrance, questions
from portal.form.documents import Invalid, not_text
from portal.form.networks import Network
from portal.language.words import Words
from portal.provisioning.access import PLAIN, Access

__all__ = ["OTHER", "Invalid", "Submission", "from_form", "from_json"]

# The form names a network it does not list so.
OTHER: Final = "other"

_KNOWN: Final = entrance.NAMES | {"network", "ssid", "fields"}


@dataclass(frozen=True, slots=True)
class Submission:
    """One filled-in form: `ssid` as on the air, `passphrase` empty for an open network, and how
    else it is entered.
    """

    ssid: bytes
    passphrase: Secret
    fields: Mapping[str, str] = field(default_factory=dict)
    access: Access = PLAIN


def from_form(
    pairs: Iterable[tuple[str, str]],
    networks: Iterable[Network],
    asked: Sequence[Field] = (),
) -> Submission:
    """A submission from the pairs of an HTML form. Raises `Invalid`.

    `network` is a listed network's id or `OTHER`; then, or without it, `ssid` is the name.
    `asked` are the operator's own questions.
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
    fields = {
        name.removeprefix(questions.PREFIX): values.pop(name)
        for name in list(values)
        if name.startswith(questions.PREFIX)
    }
    # By its id, or by its name, where one was typed that is in the list after all.
    named = values.get("network", values.get("ssid", "").encode("utf-8", "replace").hex())
    chosen = next((each for each in networks if each.id == named), None)
    meant = entrance.for_form(values, chosen)
    return _submission({**meant, "fields": fields}, networks, asked, problems)


def from_json(body: bytes, networks: Iterable[Network], asked: Sequence[Field] = ()) -> Submission:
    """A submission from a JSON document. Raises `Invalid`.

    {"ssid": text} or {"network": id}; all else may be left out: "passphrase"; "security" and
    "hidden" with "ssid"; "identity", "password", "method", "ca"; "address", "gateway", "dns";
    "fields".
    """
    return _submission(documents.read(body), networks, asked, {})


def _submission(
    document: Mapping[str, Any],
    networks: Iterable[Network],
    asked: Sequence[Field],
    problems: dict[str, str],
) -> Submission:
    listed = {network.id: network for network in networks}
    for name in document.keys() - _KNOWN:
        words = Words("This is not a field of the form. Please leave it out.")
        problems[documents.shown(name)] = words
    ssid = _ssid(document, listed, problems)
    passphrase, access = entrance.read(document, ssid, listed.get(ssid.hex()), problems)
    fields = questions.answers(asked, document.get("fields", {}), problems)
    if problems:
        raise Invalid(problems)
    return Submission(ssid, passphrase, fields, access)


def _ssid(
    document: Mapping[str, Any], listed: Mapping[str, Network], problems: dict[str, str]
) -> bytes:
    """The network's name in bytes, from its id or as text; b"" with a problem noted."""
    name = "network" if "network" in document else "ssid"
    if "network" in document and "ssid" in document:
        problems["ssid"] = "Send either network or ssid, not both."
    value = document.get(name, "")
    if not isinstance(value, str):
        problems[name] = not_text(value)
        return b""
    if not value:
        problems[name] = _NOT_CHOSEN if name == "network" else _NO_NAME
        return b""
    read = _from_id if name == "network" else _from_text
    found = read(value)
    if isinstance(found, Words):
        problems[name] = found
        return b""
    unfit = listed[found.hex()].unfit if found.hex() in listed else ""
    if unfit:
        problems[name] = Words(
            "This network cannot be used: %(reason)s. Please choose another one.", reason=unfit
        )
    return found


_NOT_CHOSEN: Final = Words("Please choose your network.")
_NO_NAME: Final = Words("Please choose your network, or type its name.")


def _from_id(value: str) -> bytes | Words:
    # A network may have left the list since the page was loaded: its id still says it all.
    if not re.fullmatch(r"(?:[0-9a-f]{2}){1,32}", value):
        return Words("This network is not known. Please choose one from the list.")
    return bytes.fromhex(value)


def _from_text(value: str) -> bytes | Words:
    try:
        ssid = value.encode("utf-8")
    except UnicodeEncodeError:
        return Words("This holds half a character. Please type it again.")
    if len(ssid) > 32:  # noqa: PLR2004 - IEEE 802.11-2020 9.4.2.2: 0 to 32 octets
        return Words(
            "A network name has at most 32 bytes; this one has %(bytes)s. Please check it.",
            bytes=len(ssid),
        )
    return ssid
