"""What devices say of themselves, as values: whatever cannot be meant is nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# Of what a device says, no longer word is kept, and no more words than these.
LONGEST: Final = 64
MOST: Final = 32
# A terabyte has thirteen digits; nothing here is larger.
_DIGITS: Final = re.compile(r"[0-9]{1,13}")
# Six octets in hexadecimal: with colons, dashes, Cisco's dots, or nothing between them.
_MAC: Final = re.compile(r"(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}")
_NO_DIGIT: Final = re.compile(r"[^0-9a-f]")


def mac(text: str) -> str:
    """A MAC in small letters with colons, from any notation; "" for what is none."""
    small = text.strip().lower()
    if not _MAC.fullmatch(small):
        return ""
    digits = _NO_DIGIT.sub("", small)
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def word(value: object, longest: int = LONGEST) -> str:
    """Printable text of at most `longest` characters, "" for anything else."""
    found = value.strip() if isinstance(value, str) else ""
    return found if len(found) <= longest and found.isprintable() else ""


def number(value: object) -> int | None:
    """A whole number that is not negative, None for anything else."""
    if type(value) is int:
        return value if 0 <= value < 10**13 else None
    found = value.strip() if isinstance(value, str) else ""
    return int(found) if _DIGITS.fullmatch(found) else None


def attributes(values: Mapping[Any, object], longest: int = 256) -> dict[str, str]:
    """Names and values worth keeping, the first `MOST` of them; numbers are told as text."""
    kept: dict[str, str] = {}
    for name, value in values.items():
        said = word(str(value) if type(value) in {int, float, bool} else value, longest)
        if word(name) and said and len(kept) < MOST:
            kept[word(name)] = said
    return kept


def log(value: object, most: int = 4096) -> str:
    """A device's log: text or a list of lines, without control characters, its end if too long.

    The end is what says how it went.
    """
    lines = value if isinstance(value, list) else [value]
    text = "\n".join(line for line in lines if isinstance(line, str))
    shown = "".join(each if each.isprintable() or each in "\n\t" else " " for each in text)
    return shown.encode("utf-8", "replace")[-most:].decode("utf-8", "ignore").strip()
