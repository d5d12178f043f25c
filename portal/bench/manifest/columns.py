"""The columns of a manifest: which are known, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

# What the bench reads. Every other column is a value for documents.
IDENTITY: Final = ("id", "mac", "serial", "claim", "token")
RESERVED: Final = (
    *IDENTITY, "product", "name", "profile", "dpp_uri", "pubkey", "psk", "label", "note",
)  # fmt: skip
# What the bench writes. In an import they are told and not read.
WRITTEN: Final = ("state", "reason", "fw", "done_at", "technician")
SECRET: Final = "secret."  # noqa: S105 - how a column begins, no secret
FILE: Final = "file."
ATTRIBUTE: Final = "attr."
AUTO: Final = "auto"
# Made on the appliance where `auto` stands.
MAKEABLE: Final = ("token", "psk")

_NAME: Final = "[A-Za-z0-9_][A-Za-z0-9_. -]{0,63}"
_HOST: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAC: Final = "[0-9a-f]{12}"
_MOST_ID: Final = 64


class Unfit(Exception):  # noqa: N818 - named for what the value is
    """A value that cannot stand here; the text says what may."""


def is_secret(column: str) -> bool:
    """Whether what stands in the column is sealed at rest and shown to nobody."""
    return column.startswith(SECRET) or column in {"token", "psk"}


def is_spent(column: str) -> bool:
    """Whether nobody needs what stands in the column once its device is done: a token it needs
    whenever it asks again.
    """
    return is_secret(column) and column != "token"


def is_column(name: str) -> bool:
    """Whether a column can be called so."""
    return re.fullmatch(_NAME, name) is not None


def mac(text: str) -> str:
    """MACs in any notation, several with blanks between, as aa:bb:cc:dd:ee:ff. Raises `Unfit`."""
    found = [_one_mac(each) for each in text.split()]
    return " ".join(dict.fromkeys(found))


def _one_mac(text: str) -> str:
    digits = re.sub("[:.-]", "", text).lower()
    if not re.fullmatch(_MAC, digits):
        raise Unfit("a MAC has 12 hexadecimal digits, such as a4:cf:12:00:00:01")
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _id(text: str) -> str:
    if len(text) > _MOST_ID or not text.isprintable() or text != text.strip():
        raise Unfit(f"an id has 1 to {_MOST_ID} characters, no blank at its ends")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(_HOST, text):
        raise Unfit("a name has 1 to 63 letters, digits and -, none of these at its ends")
    return text


def _word(text: str) -> str:
    if not text.isprintable() or len(text) > _MOST_ID:
        raise Unfit(f"at most {_MOST_ID} printable characters")
    return text


def _claim(text: str) -> str:
    if not re.search("[0-9A-Za-z]", text) or not text.isascii():
        raise Unfit("a claim code has letters or digits, such as K7M2-9QXP")
    return _word(text)


def _token(text: str) -> str:
    if text != AUTO and not re.fullmatch("[!-~]{8,128}", text):
        raise Unfit('a token has 8 to 128 visible ASCII characters; or "auto"')
    return text


def _psk(text: str) -> str:
    if text != AUTO and not re.fullmatch("[ -~]{8,63}|[0-9A-Fa-f]{64}", text):
        raise Unfit('a passphrase has 8 to 63 printable ASCII characters; or "auto"')
    return text


_READERS: Final[Mapping[str, Callable[[str], str]]] = {
    "id": _id,
    "mac": mac,
    "serial": _word,
    "claim": _claim,
    "token": _token,
    "psk": _psk,
    "name": _host,
    "product": _word,
    "profile": _word,
    "label": _word,
}


def read(column: str, text: str) -> str:
    """What stands in a cell, as it is kept. An empty cell says nothing. Raises `Unfit`."""
    reader = _READERS.get(column)
    if text and "\0" in text:
        raise Unfit("no NUL can stand in a cell")
    return reader(text) if reader and text else text
